// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/u8proto"

	"oracle/capture"
)

func questionOf(ask *capture.Ask, peer *Identity) question {
	return question{ask.Ingress, peer.ID, ask.Proto, ask.Port}
}

// leftDenied looks every flow up.
func (j *judgement) leftDenied(after, before *engine, cluster string) {
	for _, ask := range j.asks {
		if ask.Subject.Selector.Cluster != cluster {
			continue
		}
		subject, peer := j.census.Of(ask.Subject), j.census.Of(ask.Peer)
		q := questionOf(ask, peer)
		got := after.ask(subject, q)
		if got.state == deniedByRule && before != nil && before.ask(subject, q).state == deniedByRule {
			j.DeniedByPerson++ // no allow rule mends that
			continue
		}
		if why := j.whyDenied(after, ask, subject, got); why != "" {
			text := fmt.Sprintf("%s %s %s %s/%d", subject, q.direction(), peer, ask.Proto, ask.Port)
			j.Denied = append(j.Denied, fmt.Sprintf("line %d: %s: %s", ask.Line, text, why))
		}
	}
}

// whyDenied is empty where the flow passes.
func (j *judgement) whyDenied(e *engine, ask *capture.Ask, subject *Identity, got answer) string {
	switch {
	case got.state == deniedByRule:
		return "a deny rule"
	case got.state == denied:
		return "no rule"
	case ask.HTTP != nil:
		// Methods are written in upper case, whatever was seen.
		upper := *ask.HTTP
		upper.Method = strings.ToUpper(upper.Method)
		if !got.allowsRequest(*ask.HTTP) && !got.allowsRequest(upper) {
			return "no HTTP rule for " + ask.HTTP.Method + " " + ask.HTTP.Target
		}
	case ask.Query != "":
		for _, name := range append([]string{ask.Query}, j.searched(ask)...) {
			if !got.allowsLookup(name) {
				return "no DNS rule for " + name
			}
		}
	}
	if !j.reachable(e, ask, subject) {
		if j.mayNotAsk(e, ask, subject) {
			j.DeniedByPerson++
			return ""
		}
		return "its name is never learned: no DNS rule lets the pod ask one of its servers"
	}
	return ""
}

// reachable: the address is allowed as such, or by a name that the agent can learn.
func (j *judgement) reachable(e *engine, ask *capture.Ask, subject *Identity) bool {
	if !ask.Peer.World || len(ask.Names) == 0 {
		return true
	}
	if e.ask(subject, questionOf(ask, j.unlearned(ask))).passes() {
		return true
	}
	for _, server := range j.mayAsk(ask) {
		peer := j.census.Of(server.side)
		for _, proto := range []u8proto.U8proto{u8proto.UDP, u8proto.TCP} {
			got := e.ask(subject, question{peer: peer.ID, proto: proto, port: server.port})
			for _, name := range ask.Names {
				if got.proxy && got.allowsLookup(name) {
					return true
				}
			}
		}
	}
	return false
}

// mayNotAsk: a deny rule keeps the pod from all who could tell it the name.
func (j *judgement) mayNotAsk(e *engine, ask *capture.Ask, subject *Identity) bool {
	for _, server := range j.mayAsk(ask) {
		if e.ask(subject, question{peer: j.census.Of(server.side).ID, proto: u8proto.UDP, port: server.port}).state != deniedByRule {
			return false
		}
	}
	return true
}

// unlearned gives the peer as it is before the agent has learned a name of it.
func (j *judgement) unlearned(ask *capture.Ask) *Identity {
	if !ask.Peer.World {
		return j.census.Of(ask.Peer)
	}
	return j.census.Address(ask.Peer.Address, ask.Peer.Raw, nil)
}

// mayAsk gives the servers at which the pod can have looked a name up.
func (j *judgement) mayAsk(ask *capture.Ask) []dnsServer {
	servers := j.servers.of(ask)
	if j.parts && len(j.servers[workload(ask)]) == 0 {
		// Others that ask one may do so in another piece.
		return append(slices.Clone(j.servers[ask.Subject.Selector.Cluster]), kubeadm(ask.Subject.Selector.Cluster))
	}
	if j.before != nil && len(j.servers[workload(ask)]) == 0 {
		// A person who wrote the rule to the usual server knows what the flows do not tell.
		servers = append(slices.Clone(servers), kubeadm(ask.Subject.Selector.Cluster))
	}
	return servers
}

// mayBeAsked gives the servers that a policy may let the pod ask.
func (j *judgement) mayBeAsked(ask *capture.Ask) []dnsServer {
	if j.parts {
		return j.mayAsk(ask)
	}
	return j.servers.of(ask)
}

// unnamed lists names that a policy opens and that its pods may not ask for: toFQDNs then never selects anything.
func (j *judgement) unnamed() {
	known := map[string]bool{}
	for _, document := range j.before {
		for _, name := range unasked(document) {
			known[document.Name+name] = true
		}
	}
	for _, document := range j.docs {
		for _, name := range unasked(document) {
			if !known[document.Name+name] {
				j.Denied = append(j.Denied, fmt.Sprintf("%s: no DNS rule lets the pods ask for %s", document, name))
			}
		}
	}
}

func unasked(document *Document) []string {
	var names []string
	dns := answer{state: filtered}
	rules, _ := document.Rules(HomeCluster)
	for _, rule := range rules {
		for _, egress := range rule.Egress {
			for _, selector := range egress.ToFQDNs {
				names = append(names, selector.MatchName)
			}
			// A DNS rule to a name is no way to learn that name.
			if len(egress.ToFQDNs) == 0 {
				dns.rules = append(dns.rules, dnsRules(egress)...)
			}
		}
	}
	var out []string
	for _, name := range names {
		if name = strings.TrimSuffix(name, "."); name != "" && !dns.allowsLookup(name) {
			out = append(out, name)
		}
	}
	return out
}

func dnsRules(egress api.EgressRule) []api.L7Rules {
	var out []api.L7Rules
	for _, ports := range egress.ToPorts {
		if ports.Rules != nil && len(ports.Rules.DNS) > 0 {
			out = append(out, *ports.Rules)
		}
	}
	return out
}
