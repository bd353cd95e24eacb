// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package judge

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"oracle/capture"
)

// Case is what is judged: policies, and the flows that they were made of.
type Case struct {
	Folder  string
	Before  string // the folder as it was before a merge; empty where there was none
	Capture string
	Names   bool // cpg was told to write names
	Wider   bool // by the user's choice: prefixes and patterns that take in more than was seen
	Parts   bool // replayed piece by piece: what a piece does not tell of others is not known
	L7      bool // cpg was told to read L7 records
}

// Report lists what is wrong. Each finding stands once, in the order of its text.
type Report struct {
	Asks                             int // flows that a policy can mend
	Opened, Denied                   []string
	Rejected, Narrowed               []string
	Refined, Grouped, DeniedByPerson int    // by design
	NotInForce                       string // why the agent refuses a file that it refused before the merge: no rule in it opens anything
}

// Findings gives all that is wrong, each with its kind in front. What goes wrong for a pod and for one with a label more is
// one finding.
func (r *Report) Findings() []string {
	var out []string
	for _, kind := range []struct {
		name  string
		texts []string
	}{{"rejected", r.Rejected}, {"left denied", r.Denied}, {"opened without a flow", r.Opened}, {"narrowed", r.Narrowed}} {
		seen := map[string]bool{}
		for _, text := range kind.texts {
			seen[text] = true
		}
		for _, text := range slices.Sorted(maps.Keys(seen)) {
			if plain := strings.ReplaceAll(text, ","+strangerLabel, ""); plain == text || !seen[plain] {
				out = append(out, kind.name+": "+text)
			}
		}
	}
	return out
}

// judgement is a case with everything read.
type judgement struct {
	*Report
	l7, parts    bool
	wider        bool
	census       *Census
	asks         []*capture.Ask
	before, docs []*Document
	servers      dnsServers
	domains      []string // of the cluster
	grants       grants
}

// Judge gives Cilium's verdict. Configure comes first.
func Judge(schema *Schema, c Case) (*Report, error) {
	lines, err := capture.Read(c.Capture)
	if err != nil {
		return nil, err
	}
	j := &judgement{Report: &Report{}, l7: c.L7, parts: c.Parts, wider: c.Wider, asks: capture.Asks(lines, HomeCluster, c.L7)}
	j.Asks = len(j.asks)
	if j.docs, err = ReadFolder(c.Folder); err != nil {
		return nil, err
	}
	if c.Before != "" {
		if j.before, err = ReadFolder(c.Before); err != nil {
			return nil, err
		}
	}
	j.rejections(schema)
	j.census = NewCensus(j.asks, j.before, j.docs)
	for _, side := range capture.Sides(lines, HomeCluster) {
		j.census.Of(side)
	}
	j.census.addStrangers(j.asks)
	j.census.addSelected(j.before, j.asks)
	j.servers, j.domains = findServers(j.asks), domainsOf(j.asks)
	for _, ask := range j.asks {
		j.unlearned(ask)
		for _, server := range j.mayAsk(ask) {
			j.census.Of(server.side)
		}
	}
	j.census.closed = true
	j.grants = grantsOf(j.asks, j.mayBeAsked, c.L7 || c.Names)
	j.unnamed()
	for _, cluster := range j.clusters() {
		j.inCluster(cluster)
	}
	return j.Report, nil
}

// rejections lists what is refused now and was not before.
func (j *judgement) rejections(schema *Schema) {
	known := map[string]bool{}
	for _, document := range j.before {
		schema.Check(document, HomeCluster)
		for _, why := range document.Rejected {
			known[document.String()+why] = true
		}
	}
	for _, document := range j.docs {
		schema.Check(document, HomeCluster)
		for _, why := range document.Rejected {
			if known[document.String()+why] && strings.HasPrefix(why, byAgent) {
				j.NotInForce = fmt.Sprintf("%s: %s", document, why)
			} else if !known[document.String()+why] {
				j.Rejected = append(j.Rejected, fmt.Sprintf("%s: %s", document, why))
			}
		}
	}
}

// clusters of which the pods are judged.
func (j *judgement) clusters() []string {
	seen := map[string]bool{}
	for _, ask := range j.asks {
		seen[ask.Subject.Selector.Cluster] = true
	}
	if len(seen) == 0 {
		seen[HomeCluster] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

func (j *judgement) inCluster(cluster string) {
	enforceAlways()
	after := j.engineOf(j.docs, cluster)
	var before *engine
	if j.before != nil {
		before = j.engineOf(j.before, cluster)
	}
	j.leftDenied(after, before, cluster)
	if !j.wider {
		j.opened(after, before, cluster)
	}
	j.Rejected = append(j.Rejected, after.unresolved...)
	if before != nil {
		j.narrowed(cluster)
	}
}

// engineOf applies to a cluster the policies of the namespaces that have subjects there. A namespace of which the flows show
// subjects in one cluster only may be another one elsewhere; cpg warns of folders for several clusters.
func (j *judgement) engineOf(documents []*Document, cluster string) *engine {
	var own []*Document
	for _, document := range documents {
		here, elsewhere := false, false
		for _, ask := range j.asks {
			if pod := ask.Subject.Selector; pod.Namespace == document.Namespace {
				here = here || pod.Cluster == cluster
				elsewhere = elsewhere || pod.Cluster != cluster
			}
		}
		if here || !elsewhere {
			own = append(own, document)
		}
	}
	return newEngine(j.census, own, cluster)
}

// pods of one cluster, in a fixed order.
func (j *judgement) pods(cluster string) []*Identity {
	var out []*Identity
	for _, each := range j.census.all {
		if each.Cluster == cluster {
			out = append(out, each)
		}
	}
	sort.Slice(out, func(a, b int) bool { return out[a].ID < out[b].ID })
	return out
}
