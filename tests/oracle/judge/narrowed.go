// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/u8proto"
)

// narrowed compares the folder before a merge with what it is now: with every pod in default deny, where the rules alone
// speak, and as the policies themselves say who is.
func (j *judgement) narrowed(cluster string) {
	for _, enforce := range []func(){enforceAlways, enforceByPolicy} {
		enforce()
		c := comparison{j, j.engineOf(j.before, cluster), j.engineOf(j.docs, cluster), j.byPersons(cluster)}
		for _, subject := range j.pods(cluster) {
			for _, ingress := range []bool{true, false} {
				c.compare(subject, ingress)
			}
		}
	}
	enforceAlways()
}

// comparison of two states of a folder. byPersons is the first without what cpg itself made.
type comparison struct {
	*judgement
	was, is, byPersons *engine
}

func (j *judgement) byPersons(cluster string) *engine {
	var documents []*Document
	for _, document := range j.before {
		if !document.MadeByTool {
			documents = append(documents, document)
		}
	}
	return j.engineOf(documents, cluster)
}

func (c *comparison) compare(subject *Identity, ingress bool) {
	if !c.was.denies(subject, ingress) && c.is.denies(subject, ingress) {
		// That is what a first rule does; the flows must show that the pod is in default deny already.
		if !c.grants.isDropped(subject, ingress) {
			c.Narrowed = append(c.Narrowed, fmt.Sprintf("%s is put into default deny, ingress %t", subject, ingress))
		}
		return
	}
	for _, q := range c.boundaries(subject, ingress) {
		for _, peer := range c.census.all {
			q.peer = peer.ID
			if why := c.narrower(subject, q); why != "" {
				text := fmt.Sprintf("%s %s %s %s/%d", subject, q.direction(), peer, q.proto, q.port)
				c.Narrowed = append(c.Narrowed, text+": "+why)
			}
		}
	}
}

// denies tells whether a peer and port that no rule knows is refused: the pod is in default deny.
func (e *engine) denies(subject *Identity, ingress bool) bool {
	const unknownPeer = 1<<24 - 1
	return !e.ask(subject, question{ingress, identity.NumericIdentity(unknownPeer), u8proto.TCP, unaskedPort}).passes()
}

// boundaries gives the ports at which the verdicts on a pod can differ.
func (c *comparison) boundaries(subject *Identity, ingress bool) []question {
	seen := map[question]bool{}
	for _, proto := range portProtos {
		seen[question{ingress: ingress, proto: proto, port: unaskedPort}] = true
	}
	for _, e := range []*engine{c.was, c.is} {
		resolved := e.of(subject)
		if resolved == nil {
			continue
		}
		for key := range resolved.Entries() {
			for _, port := range []uint16{key.DestPort, key.EndPort()} {
				if key.Nexthdr != 0 && port != 0 {
					seen[question{ingress: ingress, proto: key.Nexthdr, port: port}] = true
				}
			}
		}
	}
	out := make([]question, 0, len(seen))
	for q := range seen {
		out = append(out, q)
	}
	return out
}

// narrower is empty where everything that passed still does, and what was refused or filtered on purpose still is.
func (c *comparison) narrower(subject *Identity, q question) string {
	was, is := c.was.ask(subject, q), c.is.ask(subject, q)
	switch {
	case was.passes() && !is.passes():
		return "no longer allowed"
	case was.state == deniedByRule && is.passes():
		return "the deny rule is void"
	case was.state == filtered && !was.unlimited() && is.unlimited():
		return "the L7 filter is void"
	case !was.passes() || is.unlimited():
		return ""
	case was.unlimited():
		if c.byPersons.denies(subject, q.ingress) && c.byPersons.ask(subject, q).passes() {
			return "an L7 filter stands before what was open"
		}
		c.Refined++ // cpg may say more exactly what it said itself
		return ""
	}
	return lost(was, is)
}

func lost(was, is answer) string {
	var out []string
	now := is.texts()
	for _, rule := range was.texts() {
		if !slices.Contains(now, rule) {
			out = append(out, rule)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "L7 rule lost: " + strings.Join(out, ", ")
}
