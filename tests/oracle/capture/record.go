// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package capture

import (
	"regexp"
	"strings"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	"github.com/cilium/cilium/pkg/u8proto"
)

// Request is an HTTP request as Envoy sees it.
type Request struct {
	Method string
	Target string // path and query, percent-encoded as it was sent
	Host   string
}

// Path is the target without its query.
func (r Request) Path() string {
	path, _, _ := strings.Cut(r.Target, "?")
	return path
}

// setRecord takes over the request of an L7 record; false where a policy can say nothing about it.
func setRecord(ask *Ask, l7 *flowpb.Layer7) bool {
	if l7.GetType() != flowpb.L7FlowType_REQUEST {
		return false
	}
	if http := l7.GetHttp(); http != nil {
		ask.HTTP = requestOf(http)
		return ask.HTTP != nil && ask.Proto == u8proto.TCP
	}
	names := policyNames([]string{l7.GetDns().GetQuery()})
	if len(names) == 0 || ask.Ingress || isICMP(ask.Proto) {
		return false
	}
	ask.Query = names[0]
	return true
}

var methodToken = regexp.MustCompile("^[-A-Za-z0-9!#$%&'*+.^_`|~]+$")

func requestOf(http *flowpb.HTTP) *Request {
	out := &Request{Method: http.GetMethod(), Target: http.GetUrl()}
	if _, rest, absolute := strings.Cut(out.Target, "://"); absolute {
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		out.Host, out.Target = rest[:end], rest[end:]
		if !strings.HasPrefix(out.Target, "/") {
			out.Target = "/" + out.Target
		}
	}
	out.Target, _, _ = strings.Cut(out.Target, "#")
	// No request line holds anything else.
	unprintable := func(c rune) bool { return c <= ' ' || c >= 0x7f }
	if !strings.HasPrefix(out.Target, "/") || strings.ContainsFunc(out.Target, unprintable) || !methodToken.MatchString(out.Method) {
		return nil
	}
	return out
}

// As rules.dns and toFQDNs take names (cilium:pkg/policy/api/fqdn.go).
var dnsName = regexp.MustCompile(`^([-a-z0-9_]+[.]?)+$`)

// policyNames gives the names in the form in which policies write them.
func policyNames(names []string) []string {
	var out []string
	for _, name := range names {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		if len(name) <= 255 && dnsName.MatchString(name) {
			out = append(out, name)
		}
	}
	return out
}
