// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package runner

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"oracle/capture"
	"oracle/judge"
	"oracle/worlds"
)

// connected judges what cpg learns from worlds in which nothing is denied, with what `cpg bootstrap` prints on top.
func (r *run) connected() error {
	fmt.Printf("%d worlds of allowed connections of seed %d\n", r.Rounds, r.Seed)
	for round := range uint64(r.Rounds) {
		if err := r.connectedWorld(round); err != nil {
			return fmt.Errorf("seed %d, connected round %d: %w", r.Seed, round, err)
		}
	}
	return nil
}

func (r *run) connectedWorld(round uint64) error {
	r.cases++
	world := worlds.NewConnected(r.Seed, round)
	folder := filepath.Join(r.Work, fmt.Sprintf("connected-%d-%d", r.Seed, round))
	lines, err := worlds.Lines(world.Flows())
	if err != nil {
		return err
	}
	if err := writeFiles(map[string]string{"capture.jsonl": string(lines)}, folder); err != nil {
		return err
	}
	learned, denying := filepath.Join(folder, "policies"), filepath.Join(folder, "default-deny")
	if _, err := r.cpg("replay", filepath.Join(folder, "capture.jsonl"), "-o", learned, "--no-evidence", "-A",
		"--include-forwarded", "--log-level", "warn"); err != nil {
		return err
	}
	text, err := r.cpg("bootstrap", "-n", strings.Join(world.Namespaces, ","), "--kubeconfig", filepath.Join(folder, "none"))
	if err != nil {
		return err
	}
	if err := writeFiles(map[string]string{"default-deny.yaml": text}, denying); err != nil {
		return err
	}
	found, err := judge.JudgeConnected(r.schema, learned, denying, openedIn(world), sidesOf(world))
	if err != nil {
		return err
	}
	r.asks += len(world.Connections)
	if round == 0 {
		if err := r.plantedInConnected(world, learned, denying); err != nil {
			return err
		}
	}
	if len(found) == 0 {
		return os.RemoveAll(folder)
	}
	r.findings += len(found)
	fmt.Printf("%s: %d findings\n", filepath.Base(folder), len(found))
	for _, text := range found[:min(len(found), mostPrinted)] {
		fmt.Println("  " + text)
	}
	return nil
}

// plantedInConnected takes policies away, and the default deny: a judge that misses either is blind.
func (r *run) plantedInConnected(world *worlds.Connected, learned, denying string) error {
	for _, folders := range [][2]string{{denying, denying}, {learned, learned}} {
		found, err := judge.JudgeConnected(r.schema, folders[0], folders[1], openedIn(world), sidesOf(world))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("a planted fault was missed: %s in the place of both folders", filepath.Base(folders[0]))
		}
	}
	return nil
}

func (r *run) cpg(args ...string) (string, error) {
	command := exec.Command(r.CPG, args...)
	command.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(r.Work, "cache"))
	var complaint strings.Builder
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("cpg %s: %w: %s", args[0], err, lastLine([]byte(complaint.String())))
	}
	return string(out), nil
}

func sideOf(end worlds.End) *capture.Side {
	return capture.NewSide(end.Endpoint(), end.IP, judge.HomeCluster)
}

func sidesOf(world *worlds.Connected) []*capture.Side {
	var out []*capture.Side
	for _, end := range world.Ends() {
		out = append(out, sideOf(end))
	}
	return out
}

func openedIn(world *worlds.Connected) []judge.Opened {
	var out []judge.Opened
	for _, each := range world.Connections {
		out = append(out, judge.Opened{Source: sideOf(each.Source), Destination: sideOf(each.Destination), L4: each.L4})
	}
	return out
}
