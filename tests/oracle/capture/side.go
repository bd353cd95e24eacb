// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package capture

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	flowpb "github.com/cilium/cilium/api/v1/flow"
)

// Side is one end of a flow. Exactly one of Selector.Labels, Entity and World tells how a policy names it; where none does,
// no policy can.
type Side struct {
	Raw      []string // labels as Hubble prints them
	Reserved []string // names of reserved identities
	Address  netip.Addr
	Selector Selector
	Entity   string
	World    bool
}

// IsPod tells of an endpoint that the agent gives no reserved identity.
func (s *Side) IsPod() bool { return len(s.Reserved) == 0 && s.Selector.Namespace != "" }

var dnsLabel = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

// selectable: a pod that a policy can name.
func (s *Side) selectable() bool {
	return s.IsPod() && len(s.Selector.Labels) > 0 && dnsLabel.MatchString(s.Selector.Namespace)
}

// Label gives the value of a Kubernetes label.
func (s *Side) Label(key string) string {
	for _, text := range s.Raw {
		if value, ok := strings.CutPrefix(text, "k8s:"+key+"="); ok {
			return value
		}
	}
	return ""
}

// Entities that a policy may name, the first that an endpoint has.
var entityOrder = []string{"kube-apiserver", "host", "remote-node", "health", "ingress", "unmanaged"}

// NewSide reads an endpoint of a flow; home is the cluster of endpoints that name none. Nil where the flow has no endpoint.
func NewSide(endpoint *flowpb.Endpoint, ip, home string) *Side {
	if endpoint == nil {
		return nil
	}
	out := &Side{Raw: endpoint.GetLabels(), Reserved: reservedNames(endpoint)}
	out.Address, _ = netip.ParseAddr(ip)
	out.Address = out.Address.Unmap()
	out.Selector = Selector{
		Namespace: first(endpoint.GetNamespace(), out.Label(NamespaceLabel)),
		Cluster:   first(out.Label(ClusterLabel), endpoint.GetClusterName(), home),
	}
	if len(out.Reserved) == 0 {
		out.Selector.Labels = selecting(out.Raw)
		return out
	}
	for _, entity := range entityOrder {
		if slices.Contains(out.Reserved, entity) {
			out.Entity = entity
			return out
		}
	}
	out.World = slices.ContainsFunc(out.Reserved, func(name string) bool { return strings.HasPrefix(name, "world") })
	return out
}

// Sides gives all ends of all flows that a policy could name, also of those that ask for nothing: a policy that lets them in
// opens too much.
func Sides(lines []Line, home string) []*Side {
	var out []*Side
	for _, line := range lines {
		ip := line.Flow.GetIP()
		for _, side := range []*Side{
			NewSide(line.Flow.GetSource(), ip.GetSource(), home),
			NewSide(line.Flow.GetDestination(), ip.GetDestination(), home),
		} {
			if side != nil && nameable(side) {
				out = append(out, side)
			}
		}
	}
	return out
}

// Names of the reserved numbers (cilium:pkg/identity/numericidentity.go).
var reservedNumbers = map[uint32][]string{
	0: {"unknown"}, 1: {"host"}, 2: {"world"}, 3: {"unmanaged"}, 4: {"health"}, 5: {"init"}, 6: {"remote-node"},
	7: {"kube-apiserver", "remote-node"}, 8: {"ingress"}, 9: {"world-ipv4"}, 10: {"world-ipv6"},
}

// Lower ends of the ranges of identities that mean something on one node only.
const (
	firstLocalCIDR = 1 << 24
	firstLocalNode = 1 << 25
)

// reservedNames gives what the labels say; the number speaks where there are none.
func reservedNames(endpoint *flowpb.Endpoint) []string {
	var out []string
	for _, text := range endpoint.GetLabels() {
		source, name, _ := strings.Cut(text, ":")
		switch source {
		case "reserved":
			out = append(out, name)
		case "cidr", "cidrgroup", "fqdn":
			out = append(out, "world")
		}
	}
	if len(endpoint.GetLabels()) > 0 {
		return out
	}
	switch number := endpoint.GetIdentity(); {
	case number >= firstLocalNode:
		return []string{"remote-node"}
	case number >= firstLocalCIDR:
		return []string{"world"}
	case number == 0 && endpoint.GetNamespace() != "":
		return nil
	default:
		return reservedNumbers[number]
	}
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
