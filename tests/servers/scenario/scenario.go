// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Package scenario runs what can go wrong, one after the other, and says a line for each.
package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"servers/census"
)

// Result of a scenario that could be run to its end.
type Result struct {
	Lost, Twice []int  // the ports
	Faults      string // anything else that is wrong
	Beside      string // of Hubble's own client, or a remark
}

// Scenario gets an empty folder of its own.
type Scenario struct {
	Name string
	Run  func(folder string) (Result, error)
}

func (r Result) good() bool { return len(r.Lost)+len(r.Twice) == 0 && r.Faults == "" }

// Choice of scenarios.
type Choice struct {
	Names *regexp.Regexp
	Keep  bool // the folders of good ones as well
}

// RunAll runs those that are chosen; the folders of bad ones stay. It gives the number of bad ones.
func RunAll(work string, scenarios []Scenario, choice Choice) (int, error) {
	bad, count := 0, 0
	for _, s := range scenarios {
		if !choice.Names.MatchString(s.Name) {
			continue
		}
		count++
		folder := filepath.Join(work, strings.ReplaceAll(strings.ReplaceAll(s.Name, ",", ""), " ", "-"))
		if err := os.RemoveAll(folder); err != nil {
			return bad, err
		}
		result, err := s.Run(folder)
		if err != nil {
			result.Faults = err.Error()
		}
		if !result.good() {
			bad++
		} else if !choice.Keep {
			err = os.RemoveAll(folder)
		}
		tell(s.Name, result)
		if err != nil && result.Faults == "" {
			return bad, err
		}
	}
	if count == 0 {
		return 0, fmt.Errorf("no scenario is named like %q", choice.Names)
	}
	return bad, nil
}

func tell(name string, r Result) {
	word := "ok "
	if !r.good() {
		word = "BAD"
	}
	fmt.Printf("%s  %-32s lost=%d twice=%d", word, name, len(r.Lost), len(r.Twice))
	if r.Beside != "" {
		fmt.Printf("   %s", r.Beside)
	}
	fmt.Println()
	for _, part := range []struct{ what, text string }{
		{"lost", census.Spans(r.Lost)}, {"twice", census.Spans(r.Twice)}, {"fault", r.Faults}} {
		if part.text != "" {
			fmt.Printf("     %s: %s\n", part.what, part.text)
		}
	}
}
