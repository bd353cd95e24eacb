// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Package runner runs cpg over captures and has every folder that it writes judged.
package runner

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	reader "oracle/capture"
	"oracle/judge"
)

// Options of a run.
type Options struct {
	CPG    string // the binary
	Source string // the project's folder
	Work   string // folder of its own; what failed stays there
	Rounds int    // of random worlds
	Seed   uint64
}

// Run holds the state of a run.
type run struct {
	Options
	schema          *judge.Schema
	cases, findings int
	asks            int
}

// Run gives the number of findings.
func Run(options Options) (int, error) {
	schema, err := judge.LoadSchema()
	if err != nil {
		return 0, err
	}
	if err := os.RemoveAll(options.Work); err != nil {
		return 0, err
	}
	r := &run{Options: options, schema: schema}
	for _, step := range []func() error{r.planted, r.captures, r.mergeFiles, r.worlds, r.connected} {
		if err := step(); err != nil {
			return 0, err
		}
	}
	if r.asks == 0 {
		return 0, fmt.Errorf("no capture has a flow that a policy mends: nothing was judged")
	}
	fmt.Printf("%d cases, %d flows that a policy mends, %d findings\n", r.cases, r.asks, r.findings)
	return r.findings, nil
}

// job is one case: a capture, replayed into a folder in which files may stand already.
type job struct {
	name    string
	capture string
	l7      bool
	files   map[string]string // by path below the folder
	parts   int               // of the capture, replayed one after the other; 0 for the whole
	flags   []string          // more of cpg's
	wider   bool              // they let in more than was seen
	refused bool              // cpg must leave the files alone, and say so by its exit code
}

// Most findings of one case to print; the rest is counted.
const mostPrinted = 8

// do runs a case. Its folder stays where something was found.
func (r *run) do(j job) error {
	if j.l7 {
		j.name += "-l7"
	}
	r.cases++
	folder := filepath.Join(r.Work, j.name)
	found, err := r.findingsOf(j, folder)
	if err != nil {
		return fmt.Errorf("%s: %w", j.name, err)
	}
	if len(found) == 0 {
		return os.RemoveAll(folder)
	}
	r.findings += len(found)
	fmt.Printf("%s: %d findings\n", j.name, len(found))
	for _, text := range found[:min(len(found), mostPrinted)] {
		fmt.Println("  " + text)
	}
	return nil
}

func (r *run) findingsOf(j job, folder string) ([]string, error) {
	policies, before := filepath.Join(folder, "policies"), ""
	if err := os.MkdirAll(policies, 0o755); err != nil {
		return nil, err
	}
	if len(j.files) > 0 {
		before = filepath.Join(folder, "before")
		if err := writeFiles(j.files, before, policies); err != nil {
			return nil, err
		}
	}
	pieces, err := split(j.capture, folder, j.parts)
	if err != nil {
		return nil, err
	}
	found, err := r.replay(pieces, policies, j)
	if err != nil {
		return nil, err
	}
	if j.refused {
		if same, err := sameFiles(before, policies); err != nil || !same {
			return append(found, "refused, and written all the same"), err
		}
		return found, nil
	}
	report, err := judge.Judge(r.schema, judge.Case{Folder: policies, Before: before, Capture: j.capture, Names: slices.Contains(j.flags, "--fqdn"), Wider: j.wider, Parts: j.parts > 0, L7: j.l7})
	if err != nil {
		return nil, err
	}
	if report.NotInForce != "" {
		fmt.Printf("%s: only replayed twice, Cilium does not take the file that was there: %s\n", j.name, report.NotInForce)
	} else {
		r.asks += report.Asks
		found = append(found, report.Findings()...)
	}
	changed, err := r.changedAgain(pieces, policies, folder, j)
	return append(found, changed...), err
}

// replay gives what is wrong with the exit code; an error where cpg does not start at all.
func (r *run) replay(pieces []string, policies string, j job) ([]string, error) {
	want := 0
	if j.refused {
		want = 3
	}
	var found []string
	for _, piece := range pieces {
		args := []string{"replay", piece, "-o", policies, "--no-evidence", "--log-level", "warn"}
		if j.l7 {
			args = append(args, "--l7")
		}
		args = append(args, j.flags...)
		command := exec.Command(r.CPG, args...)
		command.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(r.Work, "cache"))
		output, err := command.CombinedOutput()
		if command.ProcessState == nil {
			return nil, err
		}
		if code := command.ProcessState.ExitCode(); code != want {
			found = append(found, fmt.Sprintf("exit code %d, not %d: %s", code, want, lastLine(output)))
		}
	}
	return found, nil
}

func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}

// changedAgain replays once more: what stands in the files already must change none of them.
func (r *run) changedAgain(pieces []string, policies, folder string, j job) ([]string, error) {
	if len(pieces) > 1 {
		// What a later piece tells completes the rules that an earlier one makes: first the names, then who is asked for them.
		for range 2 {
			if _, err := r.replay(pieces, policies, j); err != nil {
				return nil, err
			}
		}
	}
	first := filepath.Join(folder, "first")
	if err := os.CopyFS(first, os.DirFS(policies)); err != nil {
		return nil, err
	}
	found, err := r.replay(pieces, policies, j)
	if err != nil {
		return nil, err
	}
	same, err := sameFiles(first, policies)
	if !same {
		found = append(found, "a second replay changes files: compare first/ and policies/")
	}
	return found, err
}

func writeFiles(files map[string]string, folders ...string) error {
	for _, folder := range folders {
		for name, text := range files {
			path := filepath.Join(folder, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

func sameFiles(a, b string) (bool, error) {
	left, err := filesIn(a)
	if err != nil {
		return false, err
	}
	right, err := filesIn(b)
	if err != nil || len(left) != len(right) {
		return false, err
	}
	for path, text := range left {
		if other, ok := right[path]; !ok || !bytes.Equal(text, other) {
			return false, nil
		}
	}
	return true, nil
}

func filesIn(folder string) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		out[path], err = os.ReadFile(filepath.Join(folder, path))
		return err
	})
	return out, err
}

// split gives the capture itself, or files with so many parts of its lines; a part without a flow is an error of its own to
// cpg, and left out.
func split(capture, folder string, parts int) ([]string, error) {
	if parts == 0 {
		return []string{capture}, nil
	}
	text, err := os.ReadFile(capture)
	if err != nil {
		return nil, err
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	var out []string
	for part := range parts {
		path := filepath.Join(folder, fmt.Sprintf("part-%d.jsonl", part))
		own := bytes.Join(lines[len(lines)*part/parts:len(lines)*(part+1)/parts], nil)
		if err := os.WriteFile(path, own, 0o644); err != nil {
			return nil, err
		}
		flows, err := reader.Read(path)
		if err != nil {
			return nil, err
		}
		if len(flows) > 0 {
			out = append(out, path)
		}
	}
	return out, nil
}
