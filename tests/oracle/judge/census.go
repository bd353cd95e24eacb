// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package judge

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/labelsfilter"
	"github.com/cilium/cilium/pkg/policy/api"

	"oracle/capture"
)

// Identity is a security identity as an agent would have allocated it.
type Identity struct {
	ID      identity.NumericIdentity
	Labels  labels.LabelArray
	Cluster string // of pods; empty otherwise
}

func (i *Identity) isPod() bool { return i.Cluster != "" }

// String gives a pod as cluster, namespace and its own labels; the cluster only where it is not the usual one.
func (i *Identity) String() string {
	var parts []string
	for _, label := range i.Labels {
		if !strings.HasPrefix(label.Key, "io.cilium.k8s.") && label.Key != capture.NamespaceLabel {
			parts = append(parts, strings.TrimPrefix(label.String(), "k8s:"))
		}
	}
	out := strings.Join(parts, ",")
	if namespace := i.Labels.Get("k8s." + capture.NamespaceLabel); namespace != "" {
		out = namespace + "/" + out
	}
	if i.isPod() && i.Cluster != HomeCluster {
		out = i.Cluster + ":" + out
	}
	return out
}

// HomeCluster is where pods are that name no cluster.
const HomeCluster = "default"

// First numbers of the ranges that the agent allocates from.
const (
	firstPod     = 256
	firstAddress = 1 << 24
	firstNode    = 1 << 25
)

// Census holds all identities that take part in a judgement.
type Census struct {
	fqdns    map[string]api.FQDNSelector
	names    map[netip.Addr][]string
	byLabels map[string]*Identity
	all      []*Identity
	closed   bool // an engine has taken over who there is
}

// NewCensus needs the policies first: an address gets the labels of the names that they hold.
func NewCensus(asks []*capture.Ask, folders ...[]*Document) *Census {
	c := &Census{fqdns: map[string]api.FQDNSelector{}, names: map[netip.Addr][]string{}, byLabels: map[string]*Identity{}}
	for _, document := range slices.Concat(folders...) {
		rules, _ := document.Rules(HomeCluster)
		for _, rule := range rules {
			for _, egress := range rule.Egress {
				for _, name := range egress.ToFQDNs {
					c.fqdns[name.String()] = name
				}
			}
		}
	}
	for _, ask := range asks {
		c.names[ask.Peer.Address] = append(c.names[ask.Peer.Address], ask.Names...)
	}
	for number, names := range map[identity.NumericIdentity][]string{
		1: {"host"}, 2: {"world"}, 3: {"unmanaged"}, 4: {"health"}, 6: {"remote-node"}, 7: {"kube-apiserver", "remote-node"},
		8: {"ingress"}, 9: {"world-ipv4"}, 10: {"world-ipv6"},
	} {
		c.add(reserved(names), number)
	}
	return c
}

func (c *Census) add(array labels.LabelArray, next identity.NumericIdentity) *Identity {
	array = array.Sort()
	key := array.String()
	if known := c.byLabels[key]; known != nil {
		return known
	}
	if c.closed {
		panic("an identity that the engine was not told of: " + key)
	}
	out := &Identity{ID: next, Labels: array}
	if array.Has("k8s." + capture.NamespaceLabel) {
		out.Cluster = array.Get("k8s." + capture.ClusterLabel)
	}
	c.byLabels[key] = out
	c.all = append(c.all, out)
	return out
}

func (c *Census) free(first int) identity.NumericIdentity {
	return identity.NumericIdentity(first + len(c.all))
}

func reserved(names []string) labels.LabelArray {
	var out labels.LabelArray
	for _, name := range names {
		out = append(out, labels.NewLabel(name, "", labels.LabelSourceReserved))
	}
	return out
}

// Of gives the identity of one end of a flow.
func (c *Census) Of(side *capture.Side) *Identity {
	switch {
	case side.World:
		return c.Address(side.Address, side.Raw, c.names[side.Address])
	case len(side.Reserved) > 0:
		return c.add(reserved(side.Reserved), c.free(firstNode))
	}
	all := labels.Labels{}
	for _, text := range side.Raw {
		label := labels.ParseLabel(text)
		all[label.Key] = label
	}
	// What the agent's default filter drops is no part of an identity, whatever a capture shows.
	kept, _ := labelsfilter.Filter(all)
	return c.Pod(kept, side.Selector.Namespace, side.Selector.Cluster)
}

// Pod gives the identity of a pod with these labels and no other.
func (c *Census) Pod(own labels.Labels, namespace, cluster string) *Identity {
	all := maps.Clone(own)
	if all == nil {
		all = labels.Labels{}
	}
	all[capture.NamespaceLabel] = k8sLabel(capture.NamespaceLabel, namespace)
	all[capture.ClusterLabel] = k8sLabel(capture.ClusterLabel, cluster)
	return c.add(all.LabelArray(), c.free(firstPod))
}

func k8sLabel(key, value string) labels.Label {
	return labels.NewLabel(key, value, labels.LabelSourceK8s)
}

// Address gives the identity that an address outside the cluster has where a policy names exactly it, and where the agent
// has learned these names for it.
func (c *Census) Address(address netip.Addr, raw, names []string) *Identity {
	prefix, err := labels.IPStringToLabel(netip.PrefixFrom(address, address.BitLen()).String())
	if err != nil {
		panic(err) // of an address that was parsed
	}
	array := labels.LabelArray{prefix}
	world := "reserved:world"
	for _, text := range raw {
		if strings.HasPrefix(text, "reserved:world") {
			world = text
		} else if strings.HasPrefix(text, "cidrgroup:") {
			array = append(array, labels.ParseLabel(text))
		}
	}
	array = append(array, labels.ParseLabel(world))
	for _, selector := range c.fqdns {
		if slices.ContainsFunc(names, func(name string) bool { return matchesName(selector, name) }) {
			array = append(array, selector.IdentityLabel())
		}
	}
	return c.add(array, c.free(firstAddress))
}

func matchesName(selector api.FQDNSelector, name string) bool {
	pattern, err := selector.ToRegex()
	return err == nil && pattern.MatchString(name+".")
}
