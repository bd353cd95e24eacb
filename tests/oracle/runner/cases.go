// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package runner

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"oracle/capture"
	"oracle/judge"
	"oracle/worlds"
)

// captures replays the captures of the tests and of the manual.
func (r *run) captures() error {
	paths := []string{
		filepath.Join(r.Source, "tests/data/sample-flows.jsonl"),
		filepath.Join(r.Source, "tests/data/sample-flows-odd.jsonl"),
	}
	examples, err := filepath.Glob(filepath.Join(r.Source, "docs/examples/*.jsonl"))
	if err != nil || len(examples) == 0 {
		return errors.Join(errors.New("no captures in docs/examples"), err)
	}
	for _, path := range append(paths, examples...) {
		name := strings.TrimSuffix(filepath.Base(path), ".jsonl")
		if err := r.wholeAndInParts(job{name: name, capture: path}); err != nil {
			return err
		}
	}
	return nil
}

const parts = 5

func (r *run) wholeAndInParts(j job) error {
	for _, l7 := range []bool{false, true} {
		whole, cut := j, j
		whole.l7, cut.l7 = l7, l7
		cut.name, cut.parts = j.name+"-in-parts", parts
		if err := errors.Join(r.do(whole), r.do(cut)); err != nil {
			return err
		}
	}
	return nil
}

// mergeFiles merges flows into every file of tests/data/merge.
func (r *run) mergeFiles() error {
	const ending = ".before.yaml"
	folder := filepath.Join(r.Source, "tests/data/merge")
	paths, err := filepath.Glob(filepath.Join(folder, "*"+ending))
	if err != nil || len(paths) == 0 {
		return errors.Join(fmt.Errorf("no cases in %s", folder), err)
	}
	for _, path := range paths {
		if err := r.mergeFile(folder, strings.TrimSuffix(filepath.Base(path), ending)); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) mergeFile(folder, name string) error {
	before, err := os.ReadFile(filepath.Join(folder, name+".before.yaml"))
	if err != nil {
		return err
	}
	incoming := filepath.Join(folder, name+".incoming.yaml")
	if !exists(incoming) {
		incoming = filepath.Join(folder, "default.incoming.yaml")
	}
	wanted, err := readWanted(incoming)
	if err != nil {
		fmt.Printf("left out: merge-%s, of which no flows can be made: %v\n", name, err)
		return nil
	}
	for _, l7 := range []bool{false, true} {
		lines, err := worlds.Lines(wanted.flows(l7))
		if err != nil {
			return err
		}
		flows := filepath.Join(r.Work, "merge.jsonl")
		if err := writeFiles(map[string]string{"merge.jsonl": string(lines)}, r.Work); err != nil {
			return err
		}
		j := job{name: "merge-" + name, capture: flows, l7: l7, refused: exists(filepath.Join(folder, name+".refused.txt"))}
		j.files = map[string]string{wanted.path(): string(before)}
		if err := r.do(j); err != nil {
			return err
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// worlds replays random captures: into an empty folder, in parts, and into one where a person has written before.
func (r *run) worlds() error {
	fmt.Printf("%d random worlds of seed %d\n", r.Rounds, r.Seed)
	for round := range uint64(r.Rounds) {
		if err := r.world(round); err != nil {
			return fmt.Errorf("seed %d, round %d: %w", r.Seed, round, err)
		}
	}
	return nil
}

func (r *run) world(round uint64) error {
	world := worlds.New(r.Seed, round)
	lines, err := worlds.Lines(world.Flows())
	if err != nil {
		return err
	}
	name := fmt.Sprintf("world-%d-%d", r.Seed, round)
	path := filepath.Join(r.Work, name+".jsonl")
	if err := writeFiles(map[string]string{name + ".jsonl": string(lines)}, r.Work); err != nil {
		return err
	}
	if err := r.wholeAndInParts(job{name: name, capture: path}); err != nil {
		return err
	}
	shaped := []job{
		{name: name + "-names", capture: path, flags: []string{"--fqdn", "--port-ranges"}},
		{name: name + "-shaped", capture: path, l7: true, wider: true, flags: []string{"--port-ranges", "--l7-collapse-paths", "--aggregate-cidr", "3"}},
	}
	for _, each := range shaped {
		cut := each
		cut.name, cut.parts = each.name+"-in-parts", parts
		if err := errors.Join(r.do(each), r.do(cut)); err != nil {
			return err
		}
	}
	flows, err := capture.Read(path)
	if err != nil {
		return err
	}
	files, err := world.Files(capture.Asks(flows, judge.HomeCluster, true))
	if err != nil {
		return err
	}
	if err := r.checkFiles(name, files); err != nil {
		return err
	}
	for _, l7 := range []bool{false, true} {
		if err := r.do(job{name: name + "-merged", capture: path, l7: l7, files: files}); err != nil {
			return err
		}
	}
	return nil
}

// checkFiles: a file that Cilium does not take is none that a person has in force, and would hide what a merge does to it.
func (r *run) checkFiles(name string, files map[string]string) error {
	folder := filepath.Join(r.Work, name+"-files")
	if err := errors.Join(os.MkdirAll(folder, 0o755), writeFiles(files, folder)); err != nil {
		return err
	}
	documents, err := judge.ReadFolder(folder)
	if err != nil {
		return err
	}
	for _, document := range documents {
		if r.schema.Check(document, judge.HomeCluster); len(document.Rejected) > 0 {
			return fmt.Errorf("the generator wrote %s that Cilium rejects: %s", document, document.Rejected[0])
		}
	}
	return os.RemoveAll(folder)
}
