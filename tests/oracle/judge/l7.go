// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package judge

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/policy/types"

	"oracle/capture"
)

// filterOf gathers what the proxy is told of this peer and port. One plain entry beside the filters opens them all.
func filterOf(resolved *policy.EndpointPolicy, q question) answer {
	direction := &resolved.SelectorPolicy.L4Policy.Egress
	if q.ingress {
		direction = &resolved.SelectorPolicy.L4Policy.Ingress
	}
	out := answer{state: filtered}
	for i := range direction.PortRules {
		direction.PortRules[i].ForEach(func(filter *policy.L4Filter) bool {
			if !concerns(filter, q) {
				return true
			}
			for selector, perSelector := range filter.PerSelectorPolicies {
				if selector.IsWildcard() || selector.Selects(q.peer) {
					out.take(perSelector)
				}
			}
			return true
		})
	}
	return out
}

func concerns(filter *policy.L4Filter, q question) bool {
	if filter.PortName != "" || filter.U8Proto != 0 && filter.U8Proto != q.proto {
		return false
	}
	last := max(filter.Port, filter.EndPort)
	return filter.Port == 0 || filter.Port <= q.port && q.port <= last
}

func (a *answer) take(perSelector *policy.PerSelectorPolicy) {
	switch {
	case perSelector == nil:
		a.state = open
	case perSelector.Verdict == types.Deny:
	case perSelector.L7Parser == "" && perSelector.L7Rules.IsEmpty():
		a.state = open
	default:
		a.rules = append(a.rules, perSelector.L7Rules)
	}
}

// allowsRequest decides as Envoy does. A rule that wants headers is never met: records of them are not kept.
func (a answer) allowsRequest(request capture.Request) bool {
	if a.state != filtered {
		return a.state == open
	}
	for _, rules := range a.rules {
		if rules.IsEmpty() {
			return true
		}
		for _, rule := range rules.HTTP {
			if matches(rule.Method, request.Method) && matches(rule.Path, request.Target) && matches(rule.Host, request.Host) &&
				len(rule.Headers)+len(rule.HeaderMatches) == 0 {
				return true
			}
		}
	}
	return false
}

// allowsLookup decides as the DNS proxy does.
func (a answer) allowsLookup(name string) bool {
	if a.state != filtered {
		return a.state == open
	}
	for _, rules := range a.rules {
		if rules.IsEmpty() {
			return true
		}
		for _, rule := range rules.DNS {
			if matchesName(api.FQDNSelector(rule), name) {
				return true
			}
		}
	}
	return false
}

var compiled = map[string]*regexp.Regexp{}

// matches is a full match, as Envoy's safe_regex makes it; an absent expression takes everything.
func matches(expression, text string) bool {
	if expression == "" {
		return true
	}
	if compiled[expression] == nil {
		// It compiled when the policy was sanitized.
		compiled[expression] = regexp.MustCompile("^(?:" + expression + ")$")
	}
	return compiled[expression].MatchString(text)
}

// unlimited tells that the proxy lets every request pass.
func (a answer) unlimited() bool {
	if a.state == open {
		return true
	}
	for _, text := range a.texts() {
		if text == "{}" || text == `{"matchPattern":"*"}` {
			return true
		}
	}
	return false
}

// texts gives each L7 rule in a form to compare; a set without rules is `{}`, as a rule without conditions is.
func (a answer) texts() []string {
	var out []string
	for _, rules := range a.rules {
		if rules.IsEmpty() {
			out = append(out, "{}")
		}
		for _, rule := range rules.HTTP {
			out = append(out, asJSON(rule))
		}
		for _, rule := range rules.DNS {
			out = append(out, asJSON(rule))
		}
	}
	return out
}

func asJSON(rule any) string {
	text, err := json.Marshal(rule)
	if err != nil {
		panic(err) // of a plain struct
	}
	return strings.TrimSpace(string(text))
}
