// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package judge

import (
	"slices"
	"strings"

	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/u8proto"

	"oracle/capture"
)

// grant is what a flow justifies: by the selectors of both sides, as cpg groups pods.
type grant struct {
	subject capture.Selector
	peer    func(labels.LabelArray) bool
	plain   bool // the connection as such, else only what stands in requests and names
	// "GET /path", and names of lookups
	requests, names []string
	anyName         bool // the pod was seen to ask this server, not for what
}

type grantKey struct {
	ingress bool
	proto   u8proto.U8proto
	port    uint16
}

type grants map[grantKey][]grant

// grantsOf gives all that the flows justify.
func grantsOf(asks []*capture.Ask, servers func(*capture.Ask) []dnsServer, names bool) grants {
	out := grants{}
	queries := map[string][]string{}
	for _, ask := range asks {
		if ask.Query != "" {
			queries[workload(ask)] = append(queries[workload(ask)], ask.Query)
		}
	}
	for _, ask := range asks {
		each := grant{subject: ask.Subject.Selector, peer: sameAs(ask.Peer), plain: !ask.IsL7()}
		if ask.HTTP != nil {
			each.requests = []string{strings.ToUpper(ask.HTTP.Method) + " " + ask.HTTP.Path()}
		}
		if ask.Query != "" {
			each.names = []string{ask.Query}
		}
		key := grantKey{ask.Ingress, ask.Proto, ask.Port}
		out[key] = append(out[key], each)
		if names {
			out.addNames(ask, servers, queries[workload(ask)])
		}
	}
	return out
}

// addNames adds the rules that a known name makes: to the name itself, and to the servers that are asked for it. queries are
// all of the workload, whose names share a rule.
func (g grants) addNames(ask *capture.Ask, servers func(*capture.Ask) []dnsServer, queries []string) {
	for _, name := range ask.Names {
		each := grant{subject: ask.Subject.Selector, peer: named(name), plain: true}
		key := grantKey{false, ask.Proto, ask.Port}
		g[key] = append(g[key], each)
	}
	if ask.ToDNS && !ask.IsL7() {
		g.addLookup(ask, grant{peer: sameAs(ask.Peer), anyName: true}, ask.Port)
	}
	names := slices.Clone(ask.Names)
	if ask.Query != "" {
		names = append(names, ask.Query)
		g.addLookup(ask, grant{peer: named(ask.Query), names: queries}, 53)
	}
	if len(names) == 0 {
		return
	}
	for _, server := range servers(ask) {
		g.addLookup(ask, grant{peer: sameAs(server.side), names: names}, server.port)
	}
}

// addLookup adds a grant over both protocols: an answer that is too long for UDP is asked for again over TCP.
func (g grants) addLookup(ask *capture.Ask, each grant, port uint16) {
	each.subject = ask.Subject.Selector
	for _, proto := range []u8proto.U8proto{u8proto.UDP, u8proto.TCP} {
		key := grantKey{false, proto, port}
		g[key] = append(g[key], each)
	}
}

// sameAs tells which identities a policy that names this peer means.
func sameAs(peer *capture.Side) func(labels.LabelArray) bool {
	switch {
	case peer.Entity != "":
		return func(other labels.LabelArray) bool { return other.Has("reserved." + peer.Entity) }
	case peer.World:
		prefix, err := labels.IPStringToLabel(peer.Address.String())
		if err != nil {
			panic(err) // of an address that was parsed
		}
		text := prefix.String()
		return func(other labels.LabelArray) bool {
			return slices.ContainsFunc(other, func(l labels.Label) bool { return l.String() == text })
		}
	}
	return peer.Selector.Matches
}

// named tells which identities have this name.
func named(name string) func(labels.LabelArray) bool {
	return func(other labels.LabelArray) bool {
		return slices.ContainsFunc(other, func(l labels.Label) bool { return l.Source == labels.LabelSourceFQDN && l.Key == name })
	}
}

// of gives what justifies that this pod reaches this peer.
func (g grants) of(subject, peer *Identity, q question) []grant {
	var out []grant
	for _, each := range g[grantKey{q.ingress, q.proto, q.port}] {
		if each.subject.Matches(subject.Labels) && each.peer(peer.Labels) {
			out = append(out, each)
		}
	}
	return out
}

// isDropped tells of a pod of which the flows show that this direction is in default deny.
func (g grants) isDropped(pod *Identity, ingress bool) bool {
	for key, list := range g {
		if key.ingress != ingress {
			continue
		}
		for _, each := range list {
			if each.subject.Matches(pod.Labels) {
				return true
			}
		}
	}
	return false
}
