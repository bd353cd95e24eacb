// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

package verdicts

import (
	"fmt"
	"strings"
)

// Random NetworkPolicies.

// kubernetesSelector has no sources.
func (w *world) kubernetesSelector() object {
	for {
		out := w.selector(false)
		if !hasSource(out) {
			return out
		}
	}
}

func hasSource(value any) bool {
	return strings.ContainsAny(fmt.Sprint(value), "$") || strings.Contains(fmt.Sprint(value), "k8s:") || strings.Contains(fmt.Sprint(value), "any:") || strings.Contains(fmt.Sprint(value), "reserved") || strings.Contains(fmt.Sprint(value), "app:kube") || strings.Contains(fmt.Sprint(value), "container:")
}

func (w *world) kubernetesSpec() object {
	out := object{"podSelector": w.kubernetesSelector()}
	for _, way := range []string{"ingress", "egress"} {
		if !w.oneIn(3) {
			var rules []object
			for range w.IntN(3) {
				rules = append(rules, w.kubernetesRule(way == "ingress"))
			}
			if len(rules) > 0 {
				out[way] = rules
			}
		}
	}
	if w.oneIn(2) {
		out["policyTypes"] = pick(w, [][]string{{"Ingress"}, {"Egress"}, {"Ingress", "Egress"}})
	}
	return out
}

func (w *world) kubernetesRule(ingress bool) object {
	rule, way := object{}, "to"
	if ingress {
		way = "from"
	}
	if !w.oneIn(4) {
		rule[way] = several(w, w.kubernetesPeer)
	}
	if !w.oneIn(3) {
		rule["ports"] = several(w, func() object {
			out := object{}
			if !w.oneIn(5) {
				out["port"] = pick(w, []any{80, 443, 53, 8080, "http"})
			}
			if number, ok := out["port"].(int); ok && w.oneIn(4) {
				out["endPort"] = number + 20
			}
			if w.oneIn(2) {
				out["protocol"] = pick(w, []string{"TCP", "UDP", "SCTP"})
			}
			return out
		})
	}
	return rule
}

func (w *world) kubernetesPeer() object {
	switch w.IntN(5) {
	case 0:
		hole := pick(w, holes)
		return object{"ipBlock": object{"cidr": hole[0], "except": []string{hole[1]}}}
	case 1:
		return object{"namespaceSelector": object{}}
	case 2:
		return object{"namespaceSelector": object{"matchLabels": object{"team": pick(w, []string{"red", "blue"})}}, "podSelector": w.kubernetesSelector()}
	case 3:
		return object{"namespaceSelector": object{"matchExpressions": []object{
			{"key": "kubernetes.io/metadata.name", "operator": pick(w, []string{"In", "NotIn"}), "values": []string{pick(w, namespaces)}}}}}
	}
	return object{"podSelector": w.kubernetesSelector()}
}
