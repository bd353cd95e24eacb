// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package judge

import (
	"fmt"
	"maps"
	"slices"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	"github.com/cilium/cilium/pkg/u8proto"

	"oracle/capture"
)

// Opened is a connection of a world in which nothing was denied.
type Opened struct {
	Source, Destination *capture.Side
	L4                  *flowpb.Layer4
}

// permission is what one end of a connection needs.
type permission struct {
	subject *Identity
	question
}

// JudgeConnected says what is wrong with policies that were learned from connections. Applied alone they deny nothing; with
// the default deny on top every connection passes at both its ends, and nothing else does. `ends` are all of the world.
func JudgeConnected(schema *Schema, learned, defaultDeny string, opened []Opened, ends []*capture.Side) ([]string, error) {
	documents, err := ReadFolder(learned)
	if err != nil {
		return nil, err
	}
	denying, err := ReadFolder(defaultDeny)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, document := range slices.Concat(documents, denying) {
		schema.Check(document, HomeCluster)
		for _, why := range document.Rejected {
			found = append(found, fmt.Sprintf("rejected: %s: %s", document, why))
		}
	}
	census := NewCensus(nil)
	var all []*Identity
	for _, end := range ends {
		all = append(all, census.Of(end))
	}
	wanted := map[permission]bool{}
	for _, each := range opened {
		for _, one := range permissionsOf(census, each) {
			wanted[one] = true
		}
	}
	census.closed = true
	enforceByPolicy()
	defer enforceAlways()
	alone := newEngine(census, documents, HomeCluster)
	only := newEngine(census, denying, HomeCluster)
	enforced := newEngine(census, slices.Concat(documents, denying), HomeCluster)
	asked := map[permission]bool{}
	maps.Copy(asked, wanted)
	addOthers(asked, wanted, all)
	for one := range asked {
		text := fmt.Sprintf("%s %s peer %d %s/%d", one.subject, one.direction(), one.peer, one.proto, one.port)
		if !alone.ask(one.subject, one.question).passes() {
			found = append(found, "denied by the learned policies alone: "+text)
		}
		if only.ask(one.subject, one.question).passes() {
			found = append(found, "opened by the default deny: "+text)
		}
		passes := enforced.ask(one.subject, one.question).passes()
		if wanted[one] && !passes {
			found = append(found, "broken by the default deny: "+text)
		}
		if !wanted[one] && passes && !meantByEntity(one, wanted) {
			found = append(found, "opened without a connection: "+text)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// meantByEntity: the entity remote-node means the nodes of API servers as well.
func meantByEntity(one permission, wanted map[permission]bool) bool {
	const remoteNode, apiServer = 6, 7
	ofNode := one
	ofNode.peer = remoteNode
	return one.peer == apiServer && wanted[ofNode]
}

// addOthers adds what no connection needs: every pair of ends, on ports that somebody uses and on one that nobody does.
func addOthers(to, wanted map[permission]bool, ends []*Identity) {
	ports := map[question]bool{{proto: u8proto.TCP, port: unaskedPort}: true}
	for one := range wanted {
		ports[question{proto: one.proto, port: one.port}] = true
	}
	for _, subject := range ends {
		for _, peer := range ends {
			for port := range ports {
				for _, ingress := range []bool{false, true} {
					if subject.isPod() {
						to[permission{subject, question{ingress, peer.ID, port.proto, port.port}}] = true
					}
				}
			}
		}
	}
}

func permissionsOf(census *Census, opened Opened) []permission {
	proto, port := portOf(opened.L4)
	source, destination := census.Of(opened.Source), census.Of(opened.Destination)
	var out []permission
	if source.isPod() {
		out = append(out, permission{source, question{false, destination.ID, proto, port}})
	}
	if destination.isPod() {
		out = append(out, permission{destination, question{true, source.ID, proto, port}})
	}
	return out
}

func portOf(l4 *flowpb.Layer4) (u8proto.U8proto, uint16) {
	switch {
	case l4.GetTCP() != nil:
		return u8proto.TCP, uint16(l4.GetTCP().GetDestinationPort())
	case l4.GetUDP() != nil:
		return u8proto.UDP, uint16(l4.GetUDP().GetDestinationPort())
	case l4.GetSCTP() != nil:
		return u8proto.SCTP, uint16(l4.GetSCTP().GetDestinationPort())
	case l4.GetICMPv6() != nil:
		return u8proto.ICMPv6, uint16(l4.GetICMPv6().GetType())
	}
	return u8proto.ICMP, uint16(l4.GetICMPv4().GetType())
}
