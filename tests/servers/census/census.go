// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Package census counts what cpg has written. Every flow that is fed has a destination port of its own: the port is the flow.
package census

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// Seen tells how often each port was counted.
type Seen map[int]int

// Range is a part of the ports that were fed.
type Range struct{ First, Count int }

// Compare tells what a run owes: lost are the flows that it lacks, twice those that it counted more than once.
func (s Seen) Compare(fed []Range) (lost, twice []int) {
	for _, r := range fed {
		for port := r.First; port < r.First+r.Count; port++ {
			if s[port] == 0 {
				lost = append(lost, port)
			} else if s[port] > 1 {
				twice = append(twice, port)
			}
		}
	}
	return lost, twice
}

// Evidence adds up the flow counts of the rules below a folder, of one namespace.
func Evidence(folder, namespace string) (Seen, error) {
	seen := Seen{}
	err := eachFile(folder, namespace, ".json", func(text []byte) error {
		var file struct {
			Rules []struct {
				Port      string `json:"port"`
				FlowCount int    `json:"flow_count"`
			} `json:"rules"`
		}
		if err := json.Unmarshal(text, &file); err != nil {
			return err
		}
		for _, rule := range file.Rules {
			port, err := strconv.Atoi(rule.Port)
			if err != nil {
				return err
			}
			seen[port] += rule.FlowCount
		}
		return nil
	})
	return seen, err
}

type policy struct {
	Spec struct {
		Ingress []struct {
			ToPorts []struct {
				Ports []struct {
					Port    string `json:"port"`
					EndPort int    `json:"endPort"`
				} `json:"ports"`
			} `json:"toPorts"`
		} `json:"ingress"`
	} `json:"spec"`
}

// Policies gives the ports that the policies below a folder open.
func Policies(folder, namespace string) (Seen, error) {
	seen := Seen{}
	err := eachFile(folder, namespace, ".yaml", func(text []byte) error {
		var file policy
		if err := yaml.Unmarshal(text, &file); err != nil {
			return err
		}
		for _, rule := range file.Spec.Ingress {
			for _, ports := range rule.ToPorts {
				for _, port := range ports.Ports {
					number, err := strconv.Atoi(port.Port)
					if err != nil || port.EndPort != 0 {
						return fmt.Errorf("port %q to %d: %w", port.Port, port.EndPort, err)
					}
					seen[number]++
				}
			}
		}
		return nil
	})
	return seen, err
}

// Capture counts the flows of a capture in Hubble's own format. A last line that is still being written is left out.
func Capture(path, namespace string) (Seen, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	seen := Seen{}
	in := bufio.NewReader(file)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return seen, nil
		}
		var event struct {
			Flow struct {
				L4 struct {
					TCP struct {
						Port int `json:"destination_port"`
					}
				} `json:"l4"`
				Destination struct {
					Namespace string `json:"namespace"`
				} `json:"destination"`
			} `json:"flow"`
		}
		if err := json.Unmarshal(line, &event); err != nil {
			return nil, err
		}
		if event.Flow.Destination.Namespace == namespace {
			seen[event.Flow.L4.TCP.Port]++
		}
	}
}

// eachFile reads those that are there; while cpg writes, files come and go.
func eachFile(folder, namespace, suffix string, take func([]byte) error) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, suffix) || filepath.Base(filepath.Dir(path)) != namespace ||
			strings.HasPrefix(filepath.Base(path), ".") {
			return err
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			err = take(text)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
}

// Spans writes ports as ranges, for people.
func Spans(ports []int) string {
	var out []string
	for i := 0; i < len(ports); {
		j := i
		for j+1 < len(ports) && ports[j+1] == ports[j]+1 {
			j++
		}
		if i == j {
			out = append(out, strconv.Itoa(ports[i]))
		} else {
			out = append(out, fmt.Sprintf("%d-%d", ports[i], ports[j]))
		}
		i = j + 1
	}
	if len(out) > 8 {
		out = append(out[:8], fmt.Sprintf("and %d more spans", len(out)-8))
	}
	return strings.Join(out, " ")
}
