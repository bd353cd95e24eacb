// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package judge

import (
	"maps"
	"net/netip"

	slimv1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/apis/meta/v1"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy/api"

	"oracle/capture"
)

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

// addSelected adds identities that the rules of these policies select, so that what a person wrote has somebody to act on.
func (c *Census) addSelected(documents []*Document) {
	for _, document := range documents {
		rules, _ := document.Rules(HomeCluster)
		for _, rule := range rules {
			c.addSelection(rule.EndpointSelector, document.Namespace)
			for _, each := range rule.Ingress {
				c.addIngress(each.IngressCommonRule, document.Namespace)
			}
			for _, each := range rule.IngressDeny {
				c.addIngress(each.IngressCommonRule, document.Namespace)
			}
			for _, each := range rule.Egress {
				c.addEgress(each.EgressCommonRule, document.Namespace)
				for _, name := range each.ToFQDNs {
					c.Address(netip.MustParseAddr("192.0.2.253"), nil, []string{name.MatchName})
				}
			}
			for _, each := range rule.EgressDeny {
				c.addEgress(each.EgressCommonRule, document.Namespace)
			}
		}
	}
}

func (c *Census) addIngress(rule api.IngressCommonRule, namespace string) {
	for _, selector := range rule.FromEndpoints {
		c.addSelection(selector, namespace)
	}
	c.addPrefixes(rule.FromCIDR, rule.FromCIDRSet)
}

func (c *Census) addEgress(rule api.EgressCommonRule, namespace string) {
	for _, selector := range rule.ToEndpoints {
		c.addSelection(selector, namespace)
	}
	c.addPrefixes(rule.ToCIDR, rule.ToCIDRSet)
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

// addSelection adds a pod for each way to meet the selector: exactly its labels, and one label more.
func (c *Census) addSelection(selector api.EndpointSelector, namespace string) {
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
				c.addPods(own, namespace)
			}
		case slimv1.LabelSelectorOpExists:
			put(own, expression.Key, "any")
		}
	}
	c.addPods(own, namespace)
}

// put reads a key in the form that parsing gives it: source, dot, key.
func put(own labels.Labels, key, value string) {
	label := labels.ParseSelectDotLabel(key)
	if label.Source == labels.LabelSourceAny {
		label.Source = labels.LabelSourceK8s
	}
	own[label.Key] = labels.NewLabel(label.Key, value, label.Source)
}

func (c *Census) addPods(own labels.Labels, namespace string) {
	own = maps.Clone(own)
	cluster := HomeCluster
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
	c.Pod(own, namespace, cluster)
	own["stranger"] = k8sLabel("stranger", "yes")
	c.Pod(own, namespace, cluster)
}
