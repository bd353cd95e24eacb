// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package judge

import (
	"maps"
	"net/netip"
	"slices"

	slimv1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/apis/meta/v1"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy/api"

	"oracle/capture"
)

// strangerLabel is one that no pod has.
const strangerLabel = "stranger=yes"

// addStrangers adds who was seen in no flow: whoever lets one of them in has opened too much.
func (c *Census) addStrangers(asks []*capture.Ask) {
	for _, text := range []string{"192.0.2.254", "2001:db8:ffff::fe"} {
		c.Address(netip.MustParseAddr(text), nil, nil)
	}
	nobody := labels.Labels{"stranger": k8sLabel("stranger", "yes")}
	for _, ask := range asks {
		pod := ask.Subject.Selector
		c.Pod(nobody, pod.Namespace, pod.Cluster)
		if !ask.Peer.IsPod() {
			continue
		}
		// The same labels in another place: what a selector means that lacks the namespace or the cluster.
		own := labels.Labels{}
		for key, value := range ask.Peer.Selector.Labels {
			own[key] = k8sLabel(key, value)
		}
		c.Pod(nobody, ask.Peer.Selector.Namespace, ask.Peer.Selector.Cluster)
		c.Pod(own, "stranger", ask.Peer.Selector.Cluster)
		c.Pod(own, ask.Peer.Selector.Namespace, "stranger")
	}
}

// addSelected adds identities that the rules of these policies select, so that what a person wrote has somebody to act on: in
// the clusters where the namespace has pods.
func (c *Census) addSelected(documents []*Document, asks []*capture.Ask) {
	for _, document := range documents {
		clusters := map[string]bool{}
		for _, ask := range asks {
			if ask.Subject.Selector.Namespace == document.Namespace {
				clusters[ask.Subject.Selector.Cluster] = true
			}
		}
		if len(clusters) == 0 {
			clusters[HomeCluster] = true
		}
		for _, cluster := range slices.Sorted(maps.Keys(clusters)) {
			rules, _ := document.Rules(cluster)
			for _, rule := range rules {
				selection{c, document.Namespace, cluster}.addRule(rule)
			}
		}
	}
}

// selection adds what the rules of a policy of this namespace and cluster select.
type selection struct {
	*Census
	namespace, cluster string
}

func (s selection) addRule(rule *api.Rule) {
	s.addPod(rule.EndpointSelector)
	for _, each := range rule.Ingress {
		s.addIngress(each.IngressCommonRule)
	}
	for _, each := range rule.IngressDeny {
		s.addIngress(each.IngressCommonRule)
	}
	for _, each := range rule.Egress {
		s.addEgress(each.EgressCommonRule)
		for _, name := range each.ToFQDNs {
			s.Address(netip.MustParseAddr("192.0.2.253"), nil, []string{name.MatchName})
		}
	}
	for _, each := range rule.EgressDeny {
		s.addEgress(each.EgressCommonRule)
	}
}

func (s selection) addIngress(rule api.IngressCommonRule) {
	for _, selector := range rule.FromEndpoints {
		s.addPod(selector)
	}
	s.addPrefixes(rule.FromCIDR, rule.FromCIDRSet)
}

func (s selection) addEgress(rule api.EgressCommonRule) {
	for _, selector := range rule.ToEndpoints {
		s.addPod(selector)
	}
	s.addPrefixes(rule.ToCIDR, rule.ToCIDRSet)
}

// addPrefixes adds an address or two of each prefix, and of those that are taken out of it.
func (c *Census) addPrefixes(plain api.CIDRSlice, sets api.CIDRRuleSlice) {
	all := append(api.CIDRSlice{}, plain...)
	for _, set := range sets {
		all = append(append(all, set.Cidr), set.ExceptCIDRs...)
	}
	for _, text := range all {
		prefix, err := netip.ParsePrefix(string(text))
		if err != nil {
			continue // a CIDR group
		}
		first := prefix.Masked().Addr()
		for _, address := range []netip.Addr{first, first.Next()} {
			if prefix.Contains(address) {
				c.Address(address, nil, nil)
			}
		}
	}
}

// addPod adds a pod for each way to meet the selector: exactly its labels, and one label more.
func (s selection) addPod(selector api.EndpointSelector) {
	if selector.LabelSelector == nil {
		return
	}
	own := labels.Labels{}
	for key, value := range selector.MatchLabels {
		put(own, key, value)
	}
	for _, expression := range selector.MatchExpressions {
		switch expression.Operator {
		case slimv1.LabelSelectorOpIn:
			for _, value := range expression.Values {
				put(own, expression.Key, value)
				s.addPods(own)
			}
		case slimv1.LabelSelectorOpExists:
			put(own, expression.Key, "any")
		}
	}
	s.addPods(own)
}

// put reads a key in the form that parsing gives it: source, dot, key.
func put(own labels.Labels, key, value string) {
	label := labels.ParseSelectDotLabel(key)
	if label.Source == labels.LabelSourceAny {
		label.Source = labels.LabelSourceK8s
	}
	own[label.Key] = labels.NewLabel(label.Key, value, label.Source)
}

func (s selection) addPods(own labels.Labels) {
	own = maps.Clone(own)
	namespace, cluster := s.namespace, s.cluster
	for _, label := range own {
		switch {
		case label.Source == labels.LabelSourceReserved:
			return
		case label.Key == capture.NamespaceLabel:
			namespace = label.Value
		case label.Key == capture.ClusterLabel:
			cluster = label.Value
		}
	}
	s.Pod(own, namespace, cluster)
	own["stranger"] = k8sLabel("stranger", "yes")
	s.Pod(own, namespace, cluster)
}
