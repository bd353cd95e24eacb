// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package capture

import (
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/cilium/cilium/pkg/labels"
)

// Where a pod's namespace and cluster stand among its labels.
const (
	NamespaceLabel = "io.kubernetes.pod.namespace"
	ClusterLabel   = "io.cilium.k8s.policy.cluster"
)

// Selector is what selects a workload or a peer: the pods of a namespace that have these labels.
type Selector struct {
	Namespace, Cluster string
	Labels             map[string]string
}

func (s Selector) String() string {
	parts := make([]string, 0, len(s.Labels))
	for key, value := range s.Labels {
		parts = append(parts, key+"="+value)
	}
	sort.Strings(parts)
	return s.Cluster + "/" + s.Namespace + "/" + strings.Join(parts, ",")
}

// Matches tells whether a pod with these labels is selected.
func (s Selector) Matches(pod labels.LabelArray) bool {
	if pod.Get("k8s."+NamespaceLabel) != s.Namespace || pod.Get("k8s."+ClusterLabel) != s.Cluster {
		return false
	}
	for key, value := range s.Labels {
		if !pod.Has("k8s."+key) || pod.Get("k8s."+key) != value {
			return false
		}
	}
	return true
}

// Labels that begin so are dropped by the agent's default filter (cilium:pkg/labelsfilter/filter.go) or name one run, one
// rollout or one pod, whoever set them.
var passingPrefixes = []string{
	"io.cilium.k8s.", "io.kubernetes", "kubernetes.io", "k8s.io", "topology.kubernetes.io", "annotation", "etcd_node",
	"pod-template-hash", "pod-template-generation", "controller-revision-hash", "controller-uid", "batch.kubernetes.io/",
	"rollouts-pod-template-hash", "workflows.argoproj.io/", "tekton.dev/", "actions-ephemeral-runner",
}

var passingKeys = []string{
	"job-name", "helm.sh/chart", "chart", "app.kubernetes.io/version", "istio.io/rev", "service.istio.io/canonical-revision",
	"spark-app-selector", "spark-exec-id", "cnpg.io/instanceName", "runner-pod-name",
}

func passing(key string) bool {
	begins := func(prefix string) bool { return strings.HasPrefix(key, prefix) }
	return slices.ContainsFunc(passingPrefixes, begins) || slices.Contains(passingKeys, key) ||
		strings.HasSuffix(key, "pod-name") || strings.HasSuffix(key, "pod-index") || strings.Contains(key, "beta.kubernetes.io")
}

var labelValue = regexp.MustCompile(`^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$`)

// selecting gives the labels that select: the name, else app, else all that last. Empty where there is none to use.
func selecting(raw []string) map[string]string {
	usable := map[string]string{}
	for _, text := range raw {
		if label := labels.ParseLabel(text); label.Source == labels.LabelSourceK8s && !passing(label.Key) {
			usable[label.Key] = label.Value
		}
	}
	for _, key := range []string{"app.kubernetes.io/name", "app"} {
		if value, ok := usable[key]; ok {
			usable = map[string]string{key: value}
			break
		}
	}
	for key, value := range usable {
		// The agent puts `any.` before a bare key, and then checks that the whole has at most 63 characters.
		tooLong := len(value) > 63 || !strings.Contains(key, "/") && len(key) > 59
		if tooLong || !labelValue.MatchString(value) {
			return nil
		}
	}
	return usable
}
