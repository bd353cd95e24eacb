// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package capture

import (
	"net/netip"
	"slices"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	"github.com/cilium/cilium/pkg/u8proto"
)

// Ask is what one flow asks a policy to allow.
type Ask struct {
	Line          int
	Ingress       bool
	Subject, Peer *Side
	Proto         u8proto.U8proto
	Port          uint16 // the type, for ICMP
	HTTP          *Request
	Query         string   // of a DNS record: lower-case, without the trailing dot
	Names         []string // that the peer's address is known by
	ToDNS         bool     // the peer is a DNS server
}

// IsL7 tells of a request that was seen, of which the connection was let through.
func (a *Ask) IsL7() bool { return a.HTTP != nil || a.Query != "" }

// Asks gives what the flows ask for. home is the cluster of endpoints that name none, l7 whether L7 records count.
func Asks(lines []Line, home string, l7 bool) []*Ask {
	answers := answersOf(lines, home)
	var out []*Ask
	for _, line := range lines {
		if ask := askOf(line.Flow, home, l7); ask != nil {
			ask.Line = line.Number
			out = append(out, ask)
		}
	}
	// What one connection was shown with, and what was answered, is known of the address.
	shown := shownIn(out)
	for _, ask := range out {
		names := shown.names(ask)
		if len(names) == 0 {
			names = answers.names(ask)
		}
		ask.Names = append(ask.Names, names...)
	}
	return out
}

func shownIn(asks []*Ask) answers {
	out := answers{}
	for _, ask := range asks {
		if len(ask.Names) > 0 {
			out.add(ask.Subject.Selector.String(), ask.Peer.Address, ask.Names)
		}
	}
	return out
}

// askOf gives nil for a flow that no policy mends, or that opens no connection.
func askOf(flow *flowpb.Flow, home string, l7 bool) *Ask {
	isL7 := flow.GetL7() != nil || flow.GetType() == flowpb.FlowType_L7
	if isL7 && !l7 || !counts(flow) || flow.GetIsReply().GetValue() || !policyDenied(flow) {
		return nil
	}
	ask := sides(flow, home)
	if ask == nil || !ask.Subject.selectable() || !nameable(ask.Peer) || !setPort(ask, flow) {
		return nil
	}
	if isL7 && !setRecord(ask, flow.GetL7()) || !isL7 && !opens(flow) {
		return nil
	}
	if ask.Peer.World && !ask.Ingress && !isICMP(ask.Proto) {
		ask.Names = policyNames(flow.GetDestinationNames())
	}
	ask.ToDNS = !ask.Ingress && (ask.Query != "" || ask.Port == 53 || isResolver(ask.Peer))
	return ask
}

// counts: what was dropped, and requests also when a visibility policy let them pass.
func counts(flow *flowpb.Flow) bool {
	dropped := flow.GetVerdict() == flowpb.Verdict_DROPPED
	return dropped || flow.GetL7() != nil && flow.GetVerdict() == flowpb.Verdict_FORWARDED
}

// policyDenied: every other reason is a fault, a deny rule or a lack that no allow rule mends. No reason at all is a denial.
func policyDenied(flow *flowpb.Flow) bool {
	reason := flow.GetDropReasonDesc()
	if reason == 0 {
		reason = flowpb.DropReason(flow.GetDropReason())
	}
	const dropEvent = 1 // cilium:pkg/monitor/api MessageTypeDrop, whose sub-type is the reason
	if reason == 0 && flow.GetEventType().GetType() == dropEvent {
		reason = flowpb.DropReason(flow.GetEventType().GetSubType())
	}
	return reason == 0 || reason == flowpb.DropReason_POLICY_DENIED
}

// sides tells subject from peer.
func sides(flow *flowpb.Flow, home string) *Ask {
	source := NewSide(flow.GetSource(), flow.GetIP().GetSource(), home)
	destination := NewSide(flow.GetDestination(), flow.GetIP().GetDestination(), home)
	if source == nil || destination == nil {
		return nil
	}
	switch flow.GetTrafficDirection() {
	case flowpb.TrafficDirection_INGRESS:
		return &Ask{Ingress: true, Subject: destination, Peer: source}
	case flowpb.TrafficDirection_EGRESS:
		return &Ask{Subject: source, Peer: destination}
	}
	return nil
}

// nameable: a policy has a way to name this peer.
func nameable(peer *Side) bool {
	if peer.World {
		return peer.Address.IsValid() && peer.Address.Zone() == ""
	}
	return peer.Entity != "" || peer.selectable()
}

func setPort(ask *Ask, flow *flowpb.Flow) bool {
	l4 := flow.GetL4()
	if l4.GetICMPv4() != nil || l4.GetICMPv6() != nil {
		return setICMP(ask, l4)
	}
	var port uint32
	switch {
	case l4.GetTCP() != nil:
		ask.Proto, port = u8proto.TCP, l4.GetTCP().GetDestinationPort()
	case l4.GetUDP() != nil:
		ask.Proto, port = u8proto.UDP, l4.GetUDP().GetDestinationPort()
	case l4.GetSCTP() != nil:
		ask.Proto, port = u8proto.SCTP, l4.GetSCTP().GetDestinationPort()
	}
	ask.Port = uint16(port)
	return port > 0 && port <= 65535
}

// Replies and errors of RFC 792 and RFC 950. Type 0 is among them, which Cilium would take for every type.
var icmpv4Answers = []uint32{0, 3, 4, 5, 11, 12, 14, 16, 18}

func setICMP(ask *Ask, l4 *flowpb.Layer4) bool {
	if v4 := l4.GetICMPv4(); v4 != nil {
		ask.Proto, ask.Port = u8proto.ICMP, uint16(v4.GetType())
		return v4.GetType() <= 255 && !slices.Contains(icmpv4Answers, v4.GetType())
	}
	// RFC 4443: below 128 are errors, 129 is the echo reply; 133 to 137 are neighbour discovery, which the datapath answers.
	kind := l4.GetICMPv6().GetType()
	ask.Proto, ask.Port = u8proto.ICMPv6, uint16(kind)
	return kind >= 128 && kind <= 255 && kind != 129 && (kind < 133 || kind > 137)
}

func isICMP(proto u8proto.U8proto) bool { return proto == u8proto.ICMP || proto == u8proto.ICMPv6 }

// First port that Linux gives to clients (net.ipv4.ip_local_port_range).
const firstEphemeral = 32768

// opens: the packet goes from client to server, as far as its flags and ports tell.
func opens(flow *flowpb.Flow) bool {
	if udp := flow.GetL4().GetUDP(); udp != nil {
		return !fromServer(udp.GetSourcePort(), udp.GetDestinationPort())
	}
	tcp := flow.GetL4().GetTCP()
	if tcp == nil {
		return true
	}
	flags := tcp.GetFlags()
	switch {
	case flags == nil:
		return !fromServer(tcp.GetSourcePort(), tcp.GetDestinationPort())
	case flags.GetRST():
		return false
	case flags.GetSYN():
		return !flags.GetACK()
	}
	// A packet of a connection that is older than the policy.
	return tcp.GetSourcePort() >= firstEphemeral && tcp.GetDestinationPort() < firstEphemeral
}

// fromServer needs both ports: one that is not known is no reason for anything.
func fromServer(source, destination uint32) bool {
	if source == 0 || destination == 0 {
		return false
	}
	return source < 1024 && destination >= 1024 || source < firstEphemeral && destination >= firstEphemeral
}

// Labels that distributions give their DNS servers.
var resolverLabels = map[string][]string{
	"k8s-app":                {"kube-dns", "coredns", "node-local-dns"},
	"app.kubernetes.io/name": {"coredns", "rke2-coredns"},
}

func isResolver(peer *Side) bool {
	for key, values := range resolverLabels {
		if slices.Contains(values, peer.Label(key)) {
			return true
		}
	}
	return peer.Label("dns.operator.openshift.io/daemonset-dns") != ""
}

// answers: which names the DNS answers of a workload gave to an address.
type answers map[string]map[netip.Addr][]string

func answersOf(lines []Line, home string) answers {
	out := answers{}
	for _, line := range lines {
		dns := line.Flow.GetL7().GetDns()
		client := NewSide(line.Flow.GetDestination(), line.Flow.GetIP().GetDestination(), home)
		if dns == nil || client == nil || line.Flow.GetL7().GetType() != flowpb.L7FlowType_RESPONSE {
			continue
		}
		key := client.Selector.String()
		for _, text := range dns.GetIps() {
			if address, err := netip.ParseAddr(text); err == nil {
				out.add(key, address.Unmap(), policyNames([]string{dns.GetQuery()}))
			}
		}
	}
	return out
}

func (a answers) add(workload string, address netip.Addr, names []string) {
	if a[workload] == nil {
		a[workload] = map[netip.Addr][]string{}
	}
	a[workload][address] = append(a[workload][address], names...)
}

func (a answers) names(ask *Ask) []string {
	if !ask.Peer.World || ask.Ingress || isICMP(ask.Proto) {
		return nil
	}
	return a[ask.Subject.Selector.String()][ask.Peer.Address]
}
