// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Package worlds makes captures, and policy files that a person could have written for the same pods.
package worlds

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	observerpb "github.com/cilium/cilium/api/v1/observer"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// End is one end of a flow: a pod, or somebody with a reserved identity.
type End struct {
	Namespace, Cluster string
	Labels             []string
	IP                 string
}

func (e End) endpoint() *flowpb.Endpoint {
	return &flowpb.Endpoint{Namespace: e.Namespace, ClusterName: e.Cluster, Labels: e.Labels}
}

// Pod gives a pod with these labels, each `key=value`. The labels that the agent adds are there as well.
func Pod(namespace, cluster, ip string, own ...string) End {
	out := End{Namespace: namespace, Cluster: cluster, IP: ip}
	own = append(own, "io.kubernetes.pod.namespace="+namespace, "io.cilium.k8s.policy.cluster="+cluster,
		"io.cilium.k8s.policy.serviceaccount=default", "io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name="+namespace)
	for _, label := range own {
		out.Labels = append(out.Labels, "k8s:"+label)
	}
	return out
}

// Reserved gives an end with these reserved names.
func Reserved(ip string, names ...string) End {
	out := End{IP: ip}
	for _, name := range names {
		out.Labels = append(out.Labels, "reserved:"+name)
	}
	return out
}

// Dropped gives a flow that no policy allows; l4 is its ports.
func Dropped(ingress bool, source, destination End, l4 *flowpb.Layer4) *flowpb.Flow {
	out := between(ingress, source, destination, l4)
	out.Verdict = flowpb.Verdict_DROPPED
	out.DropReasonDesc = flowpb.DropReason_POLICY_DENIED
	out.DropReason = uint32(flowpb.DropReason_POLICY_DENIED)
	out.Type = flowpb.FlowType_L3_L4
	out.EventType = &flowpb.CiliumEventType{Type: 1, SubType: int32(flowpb.DropReason_POLICY_DENIED)}
	return out
}

// Seen gives an L7 record of a request, or of an answer.
func Seen(ingress bool, source, destination End, l4 *flowpb.Layer4, l7 *flowpb.Layer7) *flowpb.Flow {
	out := between(ingress, source, destination, l4)
	out.Verdict = flowpb.Verdict_FORWARDED
	out.Type = flowpb.FlowType_L7
	out.EventType = &flowpb.CiliumEventType{Type: 129}
	out.L7 = l7
	out.IsReply = wrapperspb.Bool(l7.Type == flowpb.L7FlowType_RESPONSE)
	return out
}

func between(ingress bool, source, destination End, l4 *flowpb.Layer4) *flowpb.Flow {
	direction := flowpb.TrafficDirection_EGRESS
	if ingress {
		direction = flowpb.TrafficDirection_INGRESS
	}
	return &flowpb.Flow{
		IP:               &flowpb.IP{Source: source.IP, Destination: destination.IP},
		L4:               l4,
		Source:           source.endpoint(),
		Destination:      destination.endpoint(),
		TrafficDirection: direction,
		NodeName:         "node-a",
	}
}

// TCP gives the ports of a first packet.
func TCP(port uint32) *flowpb.Layer4 {
	return tcp(40000, port, &flowpb.TCPFlags{SYN: true})
}

func tcp(source, destination uint32, flags *flowpb.TCPFlags) *flowpb.Layer4 {
	return &flowpb.Layer4{Protocol: &flowpb.Layer4_TCP{
		TCP: &flowpb.TCP{SourcePort: source, DestinationPort: destination, Flags: flags},
	}}
}

// UDP gives the ports of a datagram.
func UDP(source, destination uint32) *flowpb.Layer4 {
	return &flowpb.Layer4{Protocol: &flowpb.Layer4_UDP{UDP: &flowpb.UDP{SourcePort: source, DestinationPort: destination}}}
}

// SCTP gives the ports of a first packet.
func SCTP(port uint32) *flowpb.Layer4 {
	return &flowpb.Layer4{Protocol: &flowpb.Layer4_SCTP{SCTP: &flowpb.SCTP{SourcePort: 40000, DestinationPort: port}}}
}

// ICMP gives a message of this type.
func ICMP(family string, kind uint32) *flowpb.Layer4 {
	if family == "IPv6" {
		return &flowpb.Layer4{Protocol: &flowpb.Layer4_ICMPv6{ICMPv6: &flowpb.ICMPv6{Type: kind}}}
	}
	return &flowpb.Layer4{Protocol: &flowpb.Layer4_ICMPv4{ICMPv4: &flowpb.ICMPv4{Type: kind}}}
}

// HTTP gives the record of a request.
func HTTP(method, url string) *flowpb.Layer7 {
	http := &flowpb.HTTP{Method: method, Url: url, Protocol: "HTTP/1.1"}
	return &flowpb.Layer7{Type: flowpb.L7FlowType_REQUEST, Record: &flowpb.Layer7_Http{Http: http}}
}

// DNS gives the record of a lookup, or of its answer where there are addresses.
func DNS(name string, ips ...string) *flowpb.Layer7 {
	dns := &flowpb.DNS{Query: name + ".", Ips: ips, ObservationSource: "proxy", Qtypes: []string{"A"}}
	out := &flowpb.Layer7{Type: flowpb.L7FlowType_REQUEST, Record: &flowpb.Layer7_Dns{Dns: dns}}
	if len(ips) > 0 {
		out.Type = flowpb.L7FlowType_RESPONSE
	}
	return out
}

// Lines writes flows as `hubble observe -o jsonpb` does, each a millisecond after the one before.
func Lines(flows []*flowpb.Flow) ([]byte, error) {
	var out bytes.Buffer
	at := time.Date(2026, 1, 14, 9, 12, 0, 0, time.UTC)
	for number, flow := range flows {
		flow = proto.CloneOf(flow)
		at = at.Add(time.Millisecond)
		flow.Time = timestamppb.New(at)
		flow.Uuid = fmt.Sprintf("00000000-0000-4000-8000-%012d", number)
		response := &observerpb.GetFlowsResponse{
			ResponseTypes: &observerpb.GetFlowsResponse_Flow{Flow: flow}, NodeName: flow.NodeName, Time: flow.Time,
		}
		line, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(response)
		if err != nil {
			return nil, err
		}
		// protojson puts spaces in at will.
		if err := json.Compact(&out, line); err != nil {
			return nil, err
		}
		out.WriteByte('\n')
	}
	return out.Bytes(), nil
}
