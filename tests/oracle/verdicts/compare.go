// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package verdicts

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/policy/types"

	"oracle/judge"
)

// What cpg reports, as far as it is compared.
type reported struct {
	Direction     string
	Subject, Peer struct {
		Labels  []string
		Address string
	}
	Protocol string
	Port     int
	Request  struct{ Method, Path, Name string }
	Verdict  string
	Unknown  string
	Reason   string
	Rule     struct {
		File string
		Line int
	}
}

func (r *reported) key() string {
	request := r.Request.Name
	if r.Request.Path != "" {
		request = r.Request.Method + " " + r.Request.Path
	}
	return keyOf(r.Direction == "ingress", r.Subject.Labels, r.Peer.Labels, r.Peer.Address, r.Protocol, r.Port, request)
}

// ask runs cpg over a folder of policies and a capture.
func ask(cpg, policies, capture, assumed string) (map[string]*reported, error) {
	command := exec.Command(cpg, "verify", policies, "--capture", capture, "--output", "json", "--log-level", "error", "--assume-default-deny="+assumed)
	output, err := command.Output()
	if command.ProcessState == nil {
		return nil, err
	}
	if code := command.ProcessState.ExitCode(); code > 1 {
		text := ""
		if exit, ok := err.(*exec.ExitError); ok {
			text = string(exit.Stderr)
		}
		return nil, fmt.Errorf("cpg verify ends with %d: %s", code, text)
	}
	var document struct{ Connections []*reported }
	if err := json.Unmarshal(output, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(cpg), err)
	}
	out := map[string]*reported{}
	for _, each := range document.Connections {
		out[each.key()] = each
	}
	return out, nil
}

// learned gives the labels that the address of a peer has for this pod: with the names that its own DNS rules teach.
func learned(subject, peer *end, policies []*judge.Applied) labels.LabelArray {
	if !peer.isWorld() {
		return peer.labels()
	}
	prefix, err := labels.IPStringToLabel(peer.address.String())
	if err != nil {
		panic(err) // of an address
	}
	out := append(peer.labels(), prefix)
	seen := map[string]bool{}
	for _, each := range policies {
		for _, rule := range each.Rules() {
			for _, egress := range rule.Egress {
				for _, selector := range egress.ToFQDNs {
					if label := selector.IdentityLabel(); !seen[label.String()] && isLearned(subject, peer, selector, policies) {
						seen[label.String()] = true
						out = append(out, label)
					}
				}
			}
		}
	}
	return out
}

func isLearned(subject, peer *end, selector api.FQDNSelector, policies []*judge.Applied) bool {
	for _, name := range peer.names {
		if judge.MatchesName(selector, name) && isTaught(subject, name, policies) {
			return true
		}
	}
	return false
}

// isTaught: a rule for this pod has the DNS proxy answer for the name.
func isTaught(subject *end, name string, policies []*judge.Applied) bool {
	for _, each := range policies {
		for _, rule := range each.Rules() {
			if rule.EndpointSelector.LabelSelector == nil || !types.NewLabelSelector(rule.EndpointSelector).Matches(subject.labels()) {
				continue
			}
			for _, egress := range rule.Egress {
				for _, ports := range egress.ToPorts {
					for _, dns := range dnsRules(ports) {
						if judge.MatchesName(api.FQDNSelector(dns), name) {
							return true
						}
					}
				}
			}
		}
	}
	return false
}

func dnsRules(ports api.PortRule) api.PortRulesDNS {
	if ports.Rules == nil {
		return nil
	}
	return ports.Rules.DNS
}

// agrees: the same verdict, or a reason why cpg can't tell.
func agrees(engine judge.Verdict, said *reported) bool {
	if said.Verdict == "unknown" {
		return said.Unknown != "" && said.Unknown != "none"
	}
	return string(engine) == said.Verdict
}
