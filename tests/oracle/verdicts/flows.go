// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package verdicts

import (
	"fmt"
	"slices"
	"strings"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	"github.com/cilium/cilium/pkg/u8proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"oracle/capture"
	"oracle/judge"
	"oracle/worlds"
)

// asked is one end of a flow: what cpg and the engine are both asked.
type asked struct {
	subject, peer *end
	question      judge.Question
}

// key is the same for what cpg reports of it.
func (a *asked) key() string {
	address := ""
	if a.peer.isWorld() {
		address = a.peer.address.String()
	}
	request := a.question.Query
	if http := a.question.HTTP; http != nil {
		request = http.Method + " " + http.Target
	}
	return keyOf(a.question.Ingress, a.subject.Labels, a.peer.Labels, address, protocolName(a.question.Proto), int(a.question.Port), request)
}

func keyOf(ingress bool, subject, peer []string, address, protocol string, port int, request string) string {
	sorted := func(labels []string) string {
		labels = slices.Clone(labels)
		slices.Sort(labels)
		return strings.Join(labels, ",")
	}
	return fmt.Sprintf("ingress=%v %s | %s | %s | %s %d | %s", ingress, sorted(subject), sorted(peer), address, protocol, port, request)
}

func protocolName(proto u8proto.U8proto) string {
	switch proto {
	case u8proto.ICMP:
		return "ICMPv4"
	case u8proto.ICMPv6:
		return "ICMPv6"
	}
	return proto.String()
}

// flow gives a random flow and what it asks; dropped ones only where that changes no answer.
func (w *world) flow(mayDrop bool) (*flowpb.Flow, []*asked) {
	subject, peer := pick(w, w.pods), pick(w, w.ends)
	ingress := w.oneIn(2)
	source, destination := subject, peer
	if ingress {
		source, destination = peer, subject
	}
	question := judge.Question{Ingress: ingress}
	l4 := w.setPort(&question)
	var out *flowpb.Flow
	one := true
	switch l7 := w.setRequest(&question, l4, ingress); {
	case l7 != nil:
		out = worlds.Seen(ingress, source.End, destination.End, l4, l7)
	case mayDrop && w.oneIn(2):
		out = worlds.Dropped(ingress, source.End, destination.End, l4)
	default:
		out, one = forwarded(ingress, source.End, destination.End, l4), false
	}
	if destination.isWorld() {
		out.DestinationNames = destination.names
	}
	all := []*asked{{subject, peer, question}}
	if !one && peer.isPod() {
		other := question
		other.Ingress = !ingress
		all = append(all, &asked{peer, subject, other})
	}
	return out, all
}

func forwarded(ingress bool, source, destination worlds.End, l4 *flowpb.Layer4) *flowpb.Flow {
	out := worlds.Dropped(ingress, source, destination, l4)
	out.Verdict, out.DropReason, out.DropReasonDesc = flowpb.Verdict_FORWARDED, 0, 0
	out.EventType = &flowpb.CiliumEventType{Type: 4}
	out.IsReply = wrapperspb.Bool(false)
	return out
}

func (w *world) setPort(question *judge.Question) *flowpb.Layer4 {
	port := pick(w, []uint32{80, 80, 443, 53, 8080, 8085, 5432, 1, 79, 65535, 10, 1025})
	question.Port = uint16(port)
	switch w.IntN(10) {
	case 0, 1:
		question.Proto = u8proto.UDP
		return worlds.UDP(max(40000, min(port, 65000)), port)
	case 2:
		question.Proto = u8proto.SCTP
		return worlds.SCTP(port)
	case 3:
		question.Proto, question.Port = u8proto.ICMP, pick(w, []uint16{8, 13, 42})
		return worlds.ICMP("IPv4", uint32(question.Port))
	case 4:
		question.Proto, question.Port = u8proto.ICMPv6, pick(w, []uint16{128, 130, 160})
		return worlds.ICMP("IPv6", uint32(question.Port))
	}
	question.Proto = u8proto.TCP
	return worlds.TCP(port)
}

// setRequest makes some flows records of a request.
func (w *world) setRequest(question *judge.Question, l4 *flowpb.Layer4, ingress bool) *flowpb.Layer7 {
	switch {
	case question.Proto == u8proto.TCP && (question.Port == 80 || question.Port >= 8080 && question.Port < 9000) && w.oneIn(2):
		method := pick(w, []string{"GET", "POST", "get", "PUT"})
		target := pick(w, []string{"/", "/v1/items", "/v1/items?limit=5", "/health", "/a%20b", "/V1/items"})
		host := pick(w, []string{"shop.example", "shopxexample"})
		if len(target)%2 == 0 {
			host = "shop.example" // one host a target: reports do not tell hosts
		} else {
			host = "shopxexample"
		}
		question.HTTP = &capture.Request{Method: method, Target: target, Host: host}
		return worlds.HTTP(method, "http://"+host+target)
	case question.Port == 53 && question.Proto != u8proto.SCTP && !ingress && w.oneIn(2):
		question.Query = pick(w, append(slices.Clone(names), "kubernetes.default.svc.cluster.local", "www-.example.com", "db"))
		return worlds.DNS(question.Query)
	}
	return nil
}
