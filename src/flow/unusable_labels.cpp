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
    unusable_key{"pod-uid", match::suffix, "one pod"},
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
    unusable_key{"spark-exec-id", match::exact, "one pod"},
    unusable_key{"spark-exec-resourceprofile-id", match::exact, "one run"},
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
