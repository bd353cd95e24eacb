// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The label keys that never stand in a selector, whoever set them: they name one pod, one run, one rollout or one
// release, and a policy that has them stops matching with the next.
#include <algorithm>
#include <array>

#include "flow/labels.hpp"

namespace cpg {

namespace {

enum class match : std::uint8_t { exact, prefix, suffix };

struct unusable_key {
    std::string_view key;
    match how;
    std::string_view reason;
    std::string_view beside = {};  ///< only on a pod that has a label with this prefix, too
};

constexpr std::array unusable_keys = {
    // What the agent's default filter hides (cilium:pkg/labelsfilter/filter.go); a widened filter shows it.
    unusable_key{"io.cilium.k8s.", match::prefix, "Cilium's own: cluster, service account, namespace labels"},
    unusable_key{"io.kubernetes.", match::prefix, "Kubernetes' own: the namespace has a place of its own"},
    unusable_key{"kubernetes.io/", match::prefix, "of a node or a name that Kubernetes gives"},
    unusable_key{"k8s.io/", match::prefix, "of a name that Kubernetes gives"},
    unusable_key{"annotation", match::prefix, "hidden by Cilium"},
    unusable_key{"etcd_node", match::prefix, "one member of etcd"},
    unusable_key{"topology.kubernetes.io", match::prefix, "the zone of a node"},
    unusable_key{"topology.istio.io/", match::prefix, "the network and zone of a pod"},
    // Kubernetes' controllers.
    unusable_key{"pod-template-hash", match::prefix, "one rollout of a Deployment"},
    unusable_key{"pod-template-generation", match::prefix, "one rollout of a DaemonSet"},
    unusable_key{"controller-revision-hash", match::prefix, "one rollout of a StatefulSet or DaemonSet"},
    unusable_key{"controller-uid", match::prefix, "one Job"},
    unusable_key{"batch.kubernetes.io/", match::prefix, "one Job, or one pod of it"},
    unusable_key{"job-name", match::exact, "one Job"},
    unusable_key{"statefulset.kubernetes.io/pod-name", match::prefix, "one pod"},
    unusable_key{"apps.kubernetes.io/pod-index", match::prefix, "one pod"},
    unusable_key{"jobset.sigs.k8s.io/", match::prefix, "one JobSet, or one Job of it"},
    unusable_key{"leaderworkerset.sigs.k8s.io/", match::prefix, "one group, or one pod of it"},
    unusable_key{"pod-name", match::suffix, "one pod"},
    unusable_key{"pod-index", match::suffix, "one pod"},
    // Argo Rollouts and Workflows.
    unusable_key{"rollouts-pod-template-hash", match::exact, "one rollout"},
    unusable_key{"workflows.argoproj.io/", match::prefix, "one workflow and its progress"},
    // Tekton.
    unusable_key{"tekton.dev/taskRun", match::prefix, "one run"},
    unusable_key{"tekton.dev/pipelineRun", match::prefix, "one run"},
    unusable_key{"tekton.dev/memberOf", match::exact, "one run"},
    unusable_key{"triggers.tekton.dev/", match::prefix, "one event"},
    // Spark.
    unusable_key{"spark-app-selector", match::exact, "one run"},
    unusable_key{"spark-app-name", match::exact, "one run where the operator adds a number"},
    unusable_key{"sparkoperator.k8s.io/submission-id", match::exact, "one run"},
    // CloudNativePG and other operators of databases: a failover moves them.
    unusable_key{"cnpg.io/instanceName", match::exact, "one pod"},
    unusable_key{"cnpg.io/instanceRole", match::exact, "moves with a failover"},
    unusable_key{"role", match::exact, "CloudNativePG's, moves with a failover", "cnpg.io/"},
    unusable_key{"spilo-role", match::exact, "moves with a failover"},
    // Actions Runner Controller.
    unusable_key{"actions-ephemeral", match::exact, "one runner"},
    unusable_key{"runner-template-hash", match::exact, "one rollout of runners"},
    unusable_key{"runner-pod-template-hash", match::exact, "one rollout of runners"},
    unusable_key{"runner-deployment-name", match::exact, "one rollout of runners"},
    unusable_key{"actions.github.com/", match::prefix, "one scale set's run"},
    // Istio: a revision of the mesh, not of the workload.
    unusable_key{"istio.io/rev", match::exact, "one revision of the mesh"},
    unusable_key{"service.istio.io/canonical-revision", match::exact, "one version"},
    // Charts, versions and deliveries.
    unusable_key{"helm.sh/chart", match::exact, "one version of a chart"},
    unusable_key{"chart", match::exact, "one version of a chart"},
    unusable_key{"app.kubernetes.io/version", match::exact, "one version"},
    unusable_key{"version", match::exact, "one version"},
    // Whatever made it.
    unusable_key{"-uid", match::suffix, "the identity of one object"},
    unusable_key{"UID", match::suffix, "the identity of one object"},
    // OpenKruise and OpenShift.
    unusable_key{"apps.kruise.io/", match::prefix, "one pod, or one rollout, of OpenKruise"},
    unusable_key{"lifecycle.apps.kruise.io/", match::prefix, "the state of one pod"},
    unusable_key{"openshift.io/build.", match::prefix, "one build"},
    unusable_key{"openshift.io/deployer-pod", match::prefix, "one rollout of a DeploymentConfig"},
    unusable_key{"deploymentconfig.openshift.io/deployment", match::exact, "one rollout of a DeploymentConfig"},
    // Releases by other names.
    unusable_key{"helm-revision", match::exact, "one release"},
    unusable_key{"helm.sh/revision", match::exact, "one release"},
    unusable_key{"heritage", match::exact, "the program that installed it: Tiller, then Helm"},
    unusable_key{"app-version", match::exact, "the version of the application"},
    // Further runs of Argo Events, Tekton and Spark.
    unusable_key{"events.argoproj.io/action-timestamp", match::exact, "one run of a workflow"},
    unusable_key{"tekton.dev/customRun", match::prefix, "one run of a task"},
    unusable_key{"tekton.dev/run", match::exact, "one run of a task"},
    unusable_key{"dashboard.tekton.dev/rerunOf", match::exact, "one run of a pipeline"},
    unusable_key{"pipelinesascode.tekton.dev/", match::prefix, "the commit and event that started one run"},
    unusable_key{"spark-exec-", match::prefix, "one executor"},
    unusable_key{"spark-version", match::exact, "the version of the runtime"},
    unusable_key{"sparkoperator.k8s.io/mutated-by-spark-operator", match::exact, "how one pod was made"},
    // Further databases and stores whose pods change roles.
    unusable_key{"k8s.enterprisedb.io/instanceName", match::exact, "one instance of EDB Postgres"},
    unusable_key{"k8s.enterprisedb.io/instanceRole", match::exact, "the role of an instance, until the next failover"},
    unusable_key{"role", match::exact, "the role of an instance, until the next failover", "k8s.enterprisedb.io/"},
    unusable_key{"postgres-operator.crunchydata.com/instance", match::exact, "one instance of Crunchy Postgres"},
    unusable_key{"postgres-operator.crunchydata.com/role", match::exact,
                 "the role of an instance, until the next failover"},
    unusable_key{"redisfailovers-role", match::exact, "the role of an instance, until the next failover"},
    unusable_key{"mysql.oracle.com/cluster-role", match::exact, "the role of an instance, until the next failover"},
    unusable_key{"elasticsearch.k8s.elastic.co/version", match::exact, "the version of the runtime"},
    unusable_key{"vault-", match::prefix, "the state of one instance", "vault-sealed"},
    // Further runners of CI.
    unusable_key{"runner-pod", match::exact, "the runner of one job"},
    unusable_key{"job.runner.gitlab.com/", match::prefix, "one job of GitLab"},
    unusable_key{"pod", match::exact, "one pod of GitLab's runner", "job.runner.gitlab.com/"},
    // Airflow: dag and task stay.
    unusable_key{"run_id", match::exact, "one run of a DAG"},
    unusable_key{"execution_date", match::exact, "one run of a DAG"},
    unusable_key{"try_number", match::exact, "one try of a task"},
    unusable_key{"map_index", match::exact, "one run of a task"},
    unusable_key{"airflow-worker", match::exact, "the scheduler that started one pod"},
    unusable_key{"airflow_version", match::exact, "the version of the runtime"},
    // Knative names each revision, also in `app`.
    unusable_key{"serving.knative.dev/revision", match::exact, "one revision of a Service"},
    unusable_key{"serving.knative.dev/configurationGeneration", match::exact, "one revision of a Service"},
    unusable_key{"serving.knative.dev/routingState", match::exact, "the state of one revision"},
    unusable_key{"app", match::exact, "one revision of a Knative Service", "serving.knative.dev/revision"},
    // Kubeflow and KubeVirt.
    unusable_key{"training.kubeflow.org/job-name", match::exact, "one run of a training"},
    unusable_key{"training.kubeflow.org/replica-index", match::exact, "one pod of a training"},
    unusable_key{"kubevirt.io/created-by", match::exact, "one virtual machine instance"},
    unusable_key{"kubevirt.io/nodeName", match::exact, "the node of one virtual machine, until it moves"},
};

bool names(const unusable_key& each, std::string_view key) {
    switch (each.how) {
        case match::exact: return key == each.key;
        case match::prefix: return key.starts_with(each.key);
        case match::suffix: return key.ends_with(each.key);
    }
    return false;
}

}  // namespace

bool is_unusable_label_key(std::string_view key, std::span<const std::string_view> all_keys) {
    const auto has = [&](std::string_view prefix) {
        return prefix.empty() ||
               std::ranges::any_of(all_keys, [&](std::string_view each) { return each.starts_with(prefix); });
    };
    return key.find("beta.kubernetes.io") != std::string_view::npos ||
           std::ranges::any_of(unusable_keys,
                               [&](const unusable_key& each) { return names(each, key) && has(each.beside); });
}

}  // namespace cpg
