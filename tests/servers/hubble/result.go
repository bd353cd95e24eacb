// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

package hubble

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"time"

	"servers/agent"
	"servers/census"
	"servers/process"
	"servers/scenario"
)

// When to push flows out of relay's buffer, after all is fed. Not for ever: the ring has to keep those that count.
var pushes = []time.Duration{time.Second, 8 * time.Second, 16 * time.Second, 30 * time.Second}

// Settle returns when cpg has written all that was fed so far, or when that has taken too long.
func (w *World) Settle(limit time.Duration) {
	begin, pushed := time.Now(), 0
	process.Until(limit, func() bool {
		time.Sleep(500 * time.Millisecond)
		if pushed < len(pushes) && time.Since(begin) > pushes[pushed] {
			pushed++
			_ = each(w.Nodes, (*Node).Push)
		}
		// Evidence may be written later than the policies.
		seen, err := census.Policies(w.policies(), agent.Namespace)
		lost, _ := seen.Compare(w.fed)
		complete := err == nil && len(lost) == 0 && time.Now().After(w.unsettled)
		return complete || !w.CPG.Running()
	})
}

// End stops cpg as a person would; hubble then has had as much time.
func (w *World) End() error {
	if !w.CPG.Running() {
		return fmt.Errorf("cpg ended by itself: %s", w.lastError())
	}
	code, err := w.CPG.Stop(syscall.SIGINT)
	if err == nil && code != 0 {
		err = fmt.Errorf("cpg's exit code is %d: %s", code, w.lastError())
	}
	if w.observe != nil {
		w.observe.Kill()
	}
	w.ended = true
	return err
}

func (w *World) lastError() string {
	for _, word := range []string{"ERROR", "WARN", ""} {
		if line := w.CPG.Last(word); line != "" {
			return line
		}
	}
	return ""
}

// Result ends cpg where it still runs, and counts.
func (w *World) Result() (scenario.Result, error) {
	var r scenario.Result
	var faults []string
	if !w.ended {
		if err := w.End(); err != nil {
			faults = append(faults, err.Error())
		}
	}
	evidence, err := census.Evidence(w.evidence(), agent.Namespace)
	if err != nil {
		return r, err
	}
	policies, err := census.Policies(w.policies(), agent.Namespace)
	if err != nil {
		return r, err
	}
	r.Lost, r.Twice = evidence.Compare(w.fed)
	if !slices.Equal(slices.Sorted(maps.Keys(evidence)), slices.Sorted(maps.Keys(policies))) {
		faults = append(faults, fmt.Sprintf("%d ports in the evidence, %d in the policies", len(evidence), len(policies)))
	}
	r.Faults = strings.Join(faults, "; ")
	if w.observe != nil {
		r.Beside, err = w.hubbles()
	}
	return r, err
}

// hubbles tells what `hubble observe` lost in the same time.
func (w *World) hubbles() (string, error) {
	seen, err := census.Capture(w.capture(), agent.Namespace)
	if err != nil {
		return "", err
	}
	lost, twice := seen.Compare(w.fed)
	return fmt.Sprintf("hubble observe: lost=%d twice=%d", len(lost), len(twice)), nil
}
