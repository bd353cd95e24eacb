// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

package agent

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	flowpb "github.com/cilium/cilium/api/v1/flow"
)

// Namespace of all flows.
const Namespace = "counted"

// A workload gets so many ports, as nobody's policy has thousands.
const portsOfWorkload = 250

// policyDenied is DropReason_POLICY_DENIED, l4 the type of a trace or drop of the datapath.
const policyDenied, dropEvent = 133, 1

// droppedFlow is one that a rule for this port alone would allow.
func droppedFlow(node string, port uint32) *flowpb.Flow {
	flow := ingressFlow(Namespace, fmt.Sprintf("%s-%d", node, port/portsOfWorkload))
	flow.L4 = &flowpb.Layer4{Protocol: &flowpb.Layer4_TCP{TCP: &flowpb.TCP{
		SourcePort: 40000, DestinationPort: port, Flags: &flowpb.TCPFlags{SYN: true}}}}
	return flow
}

// discardFlow passes every filter that the others pass, and its port is counted by nobody.
func discardFlow() *flowpb.Flow {
	flow := ingressFlow(Namespace, "discard")
	flow.L4 = &flowpb.Layer4{Protocol: &flowpb.Layer4_UDP{UDP: &flowpb.UDP{SourcePort: 40000, DestinationPort: 9}}}
	return flow
}

func ingressFlow(namespace, workload string) *flowpb.Flow {
	return &flowpb.Flow{
		Verdict:          flowpb.Verdict_DROPPED,
		DropReason:       policyDenied,
		DropReasonDesc:   flowpb.DropReason_POLICY_DENIED,
		Type:             flowpb.FlowType_L3_L4,
		EventType:        &flowpb.CiliumEventType{Type: dropEvent},
		TrafficDirection: flowpb.TrafficDirection_INGRESS,
		IsReply:          wrapperspb.Bool(false),
		IP:               &flowpb.IP{Source: "10.0.0.1", Destination: "10.0.0.2", IpVersion: flowpb.IPVersion_IPv4},
		Source:           endpoint(namespace, "client", 1001),
		Destination:      endpoint(namespace, workload, 1002),
	}
}

func endpoint(namespace, workload string, identity uint32) *flowpb.Endpoint {
	return &flowpb.Endpoint{
		ID: identity, Identity: identity, ClusterName: "default", Namespace: namespace, PodName: workload + "-0",
		Labels: []string{"k8s:app=" + workload, "k8s:io.cilium.k8s.policy.cluster=default", "k8s:io.kubernetes.pod.namespace=" + namespace},
	}
}

// flow sees one now, by its own clock.
func (a *agent) flow(flow *flowpb.Flow) {
	at := time.Now().Add(a.skew)
	flow.Time, flow.Uuid, flow.NodeName = timestamppb.New(at), uuid.NewString(), a.node
	a.send(at, flow)
}
