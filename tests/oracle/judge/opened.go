// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/u8proto"

	"oracle/capture"
)

// A port that no flow asks for: what is open there is open on every port. A request and a name likewise.
const unaskedPort = 9

var unaskedRequest = capture.Request{Method: "GET", Target: "/never/asked/for"}

const unaskedName = "never.asked.for.example"

// opened lists what pods may do and no flow asked for. What was allowed before a merge is not the merge's doing.
func (j *judgement) opened(after, before *engine, cluster string) {
	byID := map[uint32]*Identity{}
	for _, each := range j.census.all {
		byID[each.ID.Uint32()] = each
	}
	asked := j.asked()
	for _, subject := range j.pods(cluster) {
		for _, q := range j.permissions(after, subject) {
			peer := byID[q.peer.Uint32()]
			got := after.ask(subject, q)
			var had past
			if before != nil {
				had = past{before.ask(subject, q), before.ask(subject, q.otherTransport())}
			}
			if !got.passes() || had.passes() && (had.state == open || got.state == open) {
				continue
			}
			if why := j.unjustified(subject, peer, q, got, had); why != "" {
				text := fmt.Sprintf("%s %s %s %s/%d", subject, q.direction(), peer, q.proto, q.port)
				j.Opened = append(j.Opened, text+why)
			} else if !asked[exactly{subject, q}] {
				j.Grouped++
			}
		}
	}
}

// past is what was allowed before a merge. A lookup that was allowed over one transport is no other one over the other: too
// long an answer is asked for again over TCP.
type past struct {
	answer
	other answer
}

func (p past) allowsLookup(name string) bool {
	// Names that stand beside a deny rule of the other transport can't be told from those that were added.
	return p.answer.allowsLookup(name) || p.other.state == open || p.other.state == deniedByRule || p.other.state == filtered && p.other.allowsLookup(name)
}

func (q question) otherTransport() question {
	switch q.proto {
	case u8proto.TCP:
		q.proto = u8proto.UDP
	case u8proto.UDP:
		q.proto = u8proto.TCP
	}
	return q
}

// permissions gives the questions at which the policy map of a pod can say yes.
func (j *judgement) permissions(e *engine, subject *Identity) []question {
	resolved := e.of(subject)
	if resolved == nil {
		return nil
	}
	seen := map[question]bool{}
	var out []question
	for key, entry := range resolved.Entries() {
		if entry.IsDeny() {
			continue
		}
		for _, peer := range j.census.all {
			if key.Identity != 0 && key.Identity != peer.ID {
				continue
			}
			for _, q := range j.within(key) {
				q.peer = peer.ID
				if !seen[q] {
					seen[q] = true
					out = append(out, q)
				}
			}
		}
	}
	return out
}

var portProtos = []u8proto.U8proto{u8proto.TCP, u8proto.UDP, u8proto.SCTP}

// within gives the port of an entry; of a range its ends, and what the flows ask for inside of it.
func (j *judgement) within(key policy.Key) []question {
	at := func(proto u8proto.U8proto, port uint16) question {
		return question{ingress: key.IsIngress(), proto: proto, port: port}
	}
	if key.Nexthdr != 0 && key.PortPrefixLen() == 16 {
		return []question{at(key.Nexthdr, key.DestPort)}
	}
	protos := []u8proto.U8proto{key.Nexthdr}
	if key.Nexthdr == 0 {
		protos = portProtos
	}
	var out []question
	for _, proto := range protos {
		for _, port := range []uint16{max(key.DestPort, 1), key.EndPort(), unaskedPort} {
			if key.DestPort <= port && port <= key.EndPort() {
				out = append(out, at(proto, port))
			}
		}
		for asked := range j.grants {
			if asked.proto == proto && key.DestPort <= asked.port && asked.port <= key.EndPort() {
				out = append(out, at(proto, asked.port))
			}
		}
	}
	return out
}

// unjustified is empty where flows ask for all that passes here.
func (j *judgement) unjustified(subject, peer *Identity, q question, got answer, had past) string {
	asked := j.grants.of(subject, peer, q)
	if len(asked) == 0 && !had.passes() {
		return ": no flow"
	}
	if slices.ContainsFunc(asked, func(g grant) bool { return g.plain }) {
		return ""
	}
	if got.state == open {
		return ": open at L4, and only L7 records ask for it"
	}
	for _, request := range j.requests() {
		text := request.Method + " " + request.Path()
		justified := slices.ContainsFunc(asked, func(g grant) bool { return slices.Contains(g.requests, text) })
		if !justified && got.allowsRequest(request) && !had.allowsRequest(request) {
			return ": request " + text
		}
	}
	for _, name := range j.lookups() {
		justified := slices.ContainsFunc(asked, func(g grant) bool { return g.anyName || slices.Contains(g.names, name) })
		if !justified && got.allowsLookup(name) && !had.allowsLookup(name) {
			return ": lookup of " + name
		}
	}
	return ""
}

// exactly what a flow asked: not by a selector that takes in others.
type exactly struct {
	subject *Identity
	question
}

func (j *judgement) asked() map[exactly]bool {
	out := map[exactly]bool{}
	for _, ask := range j.asks {
		out[exactly{j.census.Of(ask.Subject), questionOf(ask, j.census.Of(ask.Peer))}] = true
	}
	return out
}

// requests are all of the capture, and one that nobody made.
func (j *judgement) requests() []capture.Request {
	out := []capture.Request{unaskedRequest}
	for _, ask := range j.asks {
		if ask.HTTP != nil {
			each := capture.Request{Method: strings.ToUpper(ask.HTTP.Method), Target: ask.HTTP.Path()}
			if !slices.Contains(out, each) {
				out = append(out, each)
			}
		}
	}
	return out
}

// lookups are all names outside the cluster that the capture has, and one that it has not. Lookups of names of the cluster
// are let pass by design, along with its search list.
func (j *judgement) lookups() []string {
	out := []string{unaskedName}
	for _, ask := range j.asks {
		for _, name := range append(slices.Clone(ask.Names), ask.Query) {
			ofCluster := strings.Contains(name, ".svc.") || below(name, j.domains)
			if name != "" && !ofCluster && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}
