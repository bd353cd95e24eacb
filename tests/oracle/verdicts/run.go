// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package verdicts

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	"sigs.k8s.io/yaml"

	"oracle/judge"
	"oracle/worlds"
)

// Options of a run.
type Options struct {
	CPG   string // the binary
	Work  string // folder of its own; what disagrees stays there
	Flows int    // to compare, at least
	Seed  uint64
}

// Most disagreements of one round to print.
const mostPrinted = 3

// tally of a run.
type tally struct {
	flows, ends, disagreements, refused, policies int
	verdicts                                      map[judge.Verdict]int
	unknown                                       map[string]int
}

// Run gives the number of disagreements.
func Run(options Options) (int, error) {
	schemas, err := judge.LoadSchemas()
	if err != nil {
		return 0, err
	}
	if err := os.RemoveAll(options.Work); err != nil {
		return 0, err
	}
	t := &tally{verdicts: map[judge.Verdict]int{}, unknown: map[string]int{}}
	for round := uint64(0); t.flows < options.Flows; round++ {
		if err := t.round(options, schemas, round); err != nil {
			return 0, fmt.Errorf("round %d: %w", round, err)
		}
	}
	t.print()
	// A run in which nothing is refused, denied or allowed compares nothing.
	if t.refused == 0 || t.verdicts[judge.Allowed] == 0 || t.verdicts[judge.Denied] == 0 {
		return 0, fmt.Errorf("the worlds are too tame: %v", t.verdicts)
	}
	return t.disagreements, nil
}

func (t *tally) print() {
	unknown := 0
	for _, count := range t.unknown {
		unknown += count
	}
	fmt.Printf("%d flows, %d questions under %d policies (%d refused), %d disagreements; unknown %.1f %%\n",
		t.flows, t.ends, t.policies, t.refused, t.disagreements, 100*float64(unknown)/float64(max(t.ends, 1)))
	fmt.Printf("  the engine: %v\n", t.verdicts)
	for _, reason := range slices.Sorted(maps.Keys(t.unknown)) {
		fmt.Printf("  unknown %-18s %d\n", reason, t.unknown[reason])
	}
}

const flowsOfRound = 2500

func (t *tally) round(options Options, schemas *judge.Schemas, round uint64) error {
	w := newWorld(options.Seed, round)
	folder := filepath.Join(options.Work, fmt.Sprintf("round-%d", round))
	for number := range 3 + w.IntN(20) {
		w.policies = append(w.policies, w.document(number))
	}
	if err := w.write(folder); err != nil {
		return err
	}
	var applied []*judge.Applied
	for _, object := range w.policies {
		policy := schemas.Apply(object, home)
		t.policies++
		if policy.Refused != "" {
			t.refused++
		}
		applied = append(applied, policy)
	}
	always := round%2 == 0
	var flows []*flowpb.Flow
	questions := map[string]*asked{}
	for range flowsOfRound {
		flow, ends := w.flow(always)
		flows = append(flows, flow)
		for _, each := range ends {
			questions[each.key()] = each
		}
		t.ends += len(ends)
	}
	t.flows += len(flows)
	capture := filepath.Join(folder, "capture.jsonl")
	text, err := worlds.Lines(flows)
	if err == nil {
		err = os.WriteFile(capture, text, 0o644)
	}
	if err != nil {
		return err
	}
	assumed := "none"
	if always {
		assumed = strings.Join(namespaces, ",")
	}
	said, err := ask(options.CPG, filepath.Join(folder, "policies"), capture, assumed)
	if err != nil {
		return err
	}
	found := t.compare(questions, said, applied, w, always)
	if len(found) == 0 {
		return os.RemoveAll(folder)
	}
	t.disagreements += len(found)
	fmt.Printf("%s: %d disagreements\n", folder, len(found))
	for _, text := range found[:min(len(found), mostPrinted)] {
		fmt.Println("  " + text)
	}
	return nil
}

// compare asks the engine of each cluster whose pods are subjects. Those of another cluster are under the same files.
func (t *tally) compare(questions map[string]*asked, said map[string]*reported, applied []*judge.Applied, w *world, always bool) []string {
	engines := map[string]*judge.Cluster{}
	everybody := judge.NewEverybody()
	for _, each := range w.ends {
		if each.number != 0 {
			everybody.Reserved(each.number, each.labels())
		} else if each.isPod() {
			everybody.Add(each.labels(), true)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(questions)) {
		each := questions[key]
		each.question.Subject = each.subject.labels()
		each.question.Peer = learned(each.subject, each.peer, applied)
		if each.peer.isWorld() {
			everybody.Add(each.question.Peer, false)
		}
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(questions)) {
		each := questions[key]
		cluster := each.subject.Cluster
		if engines[cluster] == nil {
			engines[cluster] = judge.NewCluster(everybody, w.appliedIn(cluster, applied), cluster, always)
		}
		verdict := engines[cluster].Ask(each.question)
		t.verdicts[verdict]++
		answer := said[key]
		switch {
		case answer == nil:
			out = append(out, fmt.Sprintf("cpg says nothing of %s", key))
		case answer.Verdict == "unknown":
			t.unknown[answer.Unknown]++
			fallthrough
		default:
			if !agrees(verdict, answer) {
				out = append(out, fmt.Sprintf("engine %s, cpg %s (%s %s:%d): %s", verdict, answer.Verdict, answer.Reason, filepath.Base(answer.Rule.File), answer.Rule.Line, short(key)))
			}
		}
	}
	return out
}

// short leaves out the labels that every pod has.
func short(key string) string {
	for _, each := range []string{"io.cilium.k8s.namespace.labels.", "io.cilium.k8s.policy.serviceaccount"} {
		key = regexp.MustCompile(`,?k8s:`+regexp.QuoteMeta(each)+`[^, ]*`).ReplaceAllString(key, "")
	}
	key = strings.ReplaceAll(key, "k8s:io.cilium.k8s.policy.cluster=", "cluster=")
	return strings.ReplaceAll(key, "k8s:io.kubernetes.pod.namespace=", "namespace=")
}

// appliedIn gives the policies as the agents of a cluster take them.
func (w *world) appliedIn(cluster string, athome []*judge.Applied) []*judge.Applied {
	if cluster == home {
		return athome
	}
	var out []*judge.Applied
	for n, object := range w.policies {
		out = append(out, athome[n].In(object, cluster))
	}
	return out
}

func (w *world) write(folder string) error {
	for _, object := range w.policies {
		metadata := object["metadata"].(map[string]any)
		namespace, _ := metadata["namespace"].(string)
		if namespace == "" {
			namespace = "cluster"
		}
		text, err := yaml.Marshal(object)
		if err != nil {
			return err
		}
		path := filepath.Join(folder, "policies", namespace, metadata["name"].(string)+".yaml")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
