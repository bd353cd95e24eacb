// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package worlds

import (
	"fmt"
	"math/rand/v2"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Connection is one that its source opened, and that was let through.
type Connection struct {
	Source, Destination End
	L4                  *flowpb.Layer4 // of its first packet
}

// Connected is a cluster in which nothing is denied, and what its agents sent of the connections.
type Connected struct {
	*rand.Rand
	Namespaces  []string // that have pods
	Connections []Connection
	pods        []placed
	outside     []End
	flows       []*flowpb.Flow
}

// placed is a pod on its node.
type placed struct {
	End
	node int
	v6   string
}

const nodes = 3

// NewConnected makes the world of one round.
func NewConnected(seed, round uint64) *Connected {
	c := &Connected{Rand: rand.New(rand.NewPCG(seed, round^0xc0ffee)), Namespaces: []string{"shop", "data", "lab"}}
	for n, namespace := range c.Namespaces {
		for i := range 2 + c.IntN(3) {
			for replica := range 1 + c.IntN(2) {
				ip := fmt.Sprintf("10.%d.%d.%d", n, i, replica+1)
				pod := Pod(namespace, "default", ip, fmt.Sprintf("app=w%d", i))
				c.pods = append(c.pods, placed{pod, c.IntN(nodes), fmt.Sprintf("fd00::%d:%d:%d", n, i, replica+1)})
			}
		}
	}
	world4, world6 := "world", "world"
	if c.IntN(2) == 0 {
		world4, world6 = "world-ipv4", "world-ipv6"
	}
	c.outside = []End{
		Reserved("203.0.113.7", world4), Reserved("198.51.100.20", world4), Reserved("2001:db8::7", world6),
		Reserved("192.168.0.1", "host"), Reserved("192.168.0.2", "remote-node"),
		Reserved("192.168.0.3", "kube-apiserver", "remote-node"),
	}
	for range 20 + c.IntN(40) {
		c.connect()
	}
	c.Shuffle(len(c.flows), func(a, b int) { c.flows[a], c.flows[b] = c.flows[b], c.flows[a] })
	return c
}

// Flows that the agents sent, in any order.
func (c *Connected) Flows() []*flowpb.Flow { return c.flows }

// Ends are all that take part in the world, whether they connected or not.
func (c *Connected) Ends() []End {
	var out []End
	for _, pod := range c.pods {
		out = append(out, pod.End)
	}
	return append(out, c.outside...)
}

func (c *Connected) l4(v6 bool) (opening, answer *flowpb.Layer4) {
	port, client := uint32(1+c.IntN(9000)), uint32(32768+c.IntN(20000))
	switch c.IntN(6) {
	case 0:
		return UDP(client, port), UDP(port, client)
	case 1:
		if v6 {
			return ICMP("IPv6", 128), ICMP("IPv6", 129)
		}
		return ICMP("IPv4", 8), ICMP("IPv4", 0)
	case 2:
		return SCTP(port), nil
	}
	return tcp(client, port, &flowpb.TCPFlags{SYN: true}), tcp(port, client, &flowpb.TCPFlags{SYN: true, ACK: true})
}

func (c *Connected) connect() {
	pod := c.pods[c.IntN(len(c.pods))]
	if c.IntN(3) == 0 {
		c.connectOutside(pod, c.outside[c.IntN(len(c.outside))])
		return
	}
	peer := c.pods[c.IntN(len(c.pods))]
	v6 := c.IntN(3) == 0
	if v6 {
		pod.IP, peer.IP = pod.v6, peer.v6
	}
	opening, answer := c.l4(v6)
	c.Connections = append(c.Connections, Connection{pod.End, peer.End, opening})
	front := peer.End
	service := c.IntN(2) == 0
	if service {
		front = Reserved("10.96.0.10", "world")
		front.Labels = []string{"reserved:world"}
	}
	// Before translation at FROM_ENDPOINT, behind it on the way.
	c.event(pod.node, 4, fromEndpoint, pod.End, front, opening, nil, service)
	if pod.node != peer.node {
		c.event(pod.node, 4, c.wayOut(), pod.End, peer.End, opening, wrapperspb.Bool(false), false)
		c.event(peer.node, 4, fromOverlay, pod.End, peer.End, opening, nil, false)
	}
	c.event(peer.node, 4, toEndpoint, pod.End, peer.End, opening, wrapperspb.Bool(false), false)
	c.answer(pod, peer.End, answer)
	c.older(peer.node, pod.End, peer.End, opening)
	c.verdicts(pod, peer, opening)
}

func (c *Connected) connectOutside(pod placed, peer End) {
	v6 := peer.IP[0] == '2' && peer.IP[4] == ':'
	if v6 {
		pod.IP = pod.v6
	}
	opening, answer := c.l4(v6)
	if c.IntN(2) == 0 {
		c.Connections = append(c.Connections, Connection{peer, pod.End, opening})
		c.event(pod.node, 4, fromNetwork, peer, pod.End, opening, nil, false)
		c.event(pod.node, 4, toEndpoint, peer, pod.End, opening, wrapperspb.Bool(false), false)
		return
	}
	c.Connections = append(c.Connections, Connection{pod.End, peer, opening})
	c.event(pod.node, 4, fromEndpoint, pod.End, peer, opening, nil, false)
	point := int32(toStack)
	if peer.Labels[0] == "reserved:host" {
		point = toHost
	}
	c.event(pod.node, 4, point, pod.End, peer, opening, wrapperspb.Bool(false), false)
	// Masqueraded on its way out: the node's own.
	c.event(pod.node, 4, toNetwork, Reserved("192.168.0.1", "host"), peer, opening, nil, false)
	c.answer(pod, peer, answer)
}

// Observation points, as sub-types of a trace (cilium:pkg/monitor/api/types.go).
const (
	toEndpoint   = 0
	toHost       = 2
	toStack      = 3
	toOverlay    = 4
	fromEndpoint = 5
	fromOverlay  = 9
	fromNetwork  = 10
	toNetwork    = 11
)

func (c *Connected) wayOut() int32 {
	return []int32{toOverlay, toStack, toNetwork}[c.IntN(3)]
}

func (c *Connected) answer(client placed, server End, l4 *flowpb.Layer4) {
	if l4 != nil {
		c.event(client.node, 4, toEndpoint, server, client.End, l4, wrapperspb.Bool(true), false)
	}
}

// older sends a packet of an established connection on another port, of which the opening was not seen.
func (c *Connected) older(node int, source, destination End, opening *flowpb.Layer4) {
	if ports := opening.GetTCP(); ports != nil && c.IntN(3) == 0 {
		old := tcp(ports.SourcePort, ports.DestinationPort+20000, &flowpb.TCPFlags{ACK: true, PSH: true})
		c.event(node, 4, toEndpoint, source, destination, old, wrapperspb.Bool(false), false)
	}
}

// verdicts come where a policy is in force; they say for one end alone what holds for both.
func (c *Connected) verdicts(source, destination placed, l4 *flowpb.Layer4) {
	if c.IntN(3) == 0 {
		out := c.event(source.node, 5, 0, source.End, destination.End, l4, wrapperspb.Bool(false), false)
		out.TrafficDirection = flowpb.TrafficDirection_EGRESS
		if c.IntN(2) == 0 {
			out.Verdict = flowpb.Verdict_REDIRECTED
		}
	}
}

func (c *Connected) event(node int, kind, sub int32, source, destination End, l4 *flowpb.Layer4,
	reply *wrapperspb.BoolValue, service bool) *flowpb.Flow {
	out := between(true, source, destination, proto.CloneOf(l4))
	out.Verdict = flowpb.Verdict_FORWARDED
	out.Type = flowpb.FlowType_L3_L4
	out.EventType = &flowpb.CiliumEventType{Type: kind, SubType: sub}
	out.IsReply = reply
	out.NodeName = fmt.Sprintf("node-%d", node)
	if reply == nil {
		out.TrafficDirection = flowpb.TrafficDirection_TRAFFIC_DIRECTION_UNKNOWN
	}
	if service {
		out.DestinationService = &flowpb.Service{Name: "front", Namespace: "shop"}
	}
	c.flows = append(c.flows, out)
	return out
}

// Endpoint gives the end as a flow has it.
func (e End) Endpoint() *flowpb.Endpoint { return e.endpoint() }
