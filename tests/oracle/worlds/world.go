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

// World is a cluster of which traffic is denied.
type World struct {
	*rand.Rand
	pods     []End    // any of them may be a subject
	servers  []server // who is asked for names
	domain   string   // of the cluster
	far      []End    // pods of another cluster of the mesh
	dual     bool     // both families: the world has a name for each
	flows    []*flowpb.Flow
	external []string // names outside of the cluster
}

// New makes the world of one round; the same seed and round give the same one.
func New(seed, round uint64) *World {
	w := &World{Rand: rand.New(rand.NewPCG(seed, round))}
	w.dual = w.IntN(2) == 0
	w.external = []string{"api.example.com", "pay.example.net", "cdn.example.org", "a.b.example.com"}
	w.domain = pick(w, []string{"cluster.local", "cluster.local", "corp.internal"})
	w.populate()
	w.servers = w.dnsServers(int(round))
	for range 60 + w.IntN(120) {
		w.flows = append(w.flows, w.flow()...)
	}
	w.addCrowds()
	w.Shuffle(len(w.flows), func(a, b int) { w.flows[a], w.flows[b] = w.flows[b], w.flows[a] })
	return w
}

// Flows in the order in which they were seen.
func (w *World) Flows() []*flowpb.Flow { return w.flows }

func pick[T any](w *World, from []T) T { return from[w.IntN(len(from))] }

func (w *World) oneIn(n int) bool { return w.IntN(n) == 0 }

// populate makes workloads that cpg selects in each of its ways, some of them with two releases or components.
func (w *World) populate() {
	for n, namespace := range []string{"shop", "data", "monitoring"} {
		for i := range 3 + w.IntN(3) {
			ip := fmt.Sprintf("10.0.%d.%d", n, i+1)
			name := fmt.Sprintf("w%d", w.IntN(4))
			w.pods = append(w.pods, Pod(namespace, "default", ip, w.labels(name)...))
		}
	}
	if w.oneIn(3) {
		// A second cluster whose pods are subjects as well, in a namespace of its own.
		w.pods = append(w.pods, Pod("lab", "west", "10.9.0.1", "app=bench"), Pod("lab", "west", "10.9.0.2", "app=probe"))
	}
	for _, pod := range []End{Pod("shop", "west", "10.8.0.1", "app=w0"), Pod("far", "west", "10.8.0.2", "app=mirror")} {
		if w.oneIn(2) {
			// Known from the member of the flow only: the agent keeps the label out of what it shows.
			pod.Labels = pod.Labels[:1]
			pod.Labels = append(pod.Labels, "k8s:io.kubernetes.pod.namespace="+pod.Namespace)
		}
		w.far = append(w.far, pod)
	}
}

func (w *World) labels(name string) []string {
	switch w.IntN(5) {
	case 0:
		return []string{"app=" + name}
	case 1:
		return []string{"app.kubernetes.io/name=" + name, "app=other", "app.kubernetes.io/version=1.2"}
	case 2:
		return []string{"app.kubernetes.io/name=" + name, "app.kubernetes.io/instance=blue", "pod-template-hash=5d78c9"}
	case 3:
		return []string{"app=" + name, "tier=web", "job-name=run-17"}
	}
	return []string{"tier=" + name, "track=", "helm.sh/chart=x-1.2"}
}

// address gives somebody outside of the cluster.
func (w *World) address() End {
	if w.oneIn(3) {
		ip := fmt.Sprintf("2001:db8:77::%x", 1+w.IntN(6))
		return Reserved(ip, w.world("world-ipv6"))
	}
	out := Reserved(fmt.Sprintf("203.0.113.%d", 1+w.IntN(9)), w.world("world-ipv4"))
	if w.oneIn(5) {
		out.Labels = append(out.Labels, "cidr:203.0.113.0/24")
	}
	return out
}

func (w *World) world(name string) string {
	if w.dual {
		return name
	}
	return "world"
}

func (w *World) entity() End {
	ip := "172.18.0.2"
	return pick(w, []End{
		Reserved(ip, "host"), Reserved(ip, "remote-node"), Reserved(ip, "kube-apiserver", "remote-node"), Reserved(ip, "health"),
		Reserved(ip, "ingress"), Reserved(ip, "unmanaged"), Reserved(ip, "init"), Reserved(ip, "unknown"),
	})
}

func (w *World) peer() End {
	switch w.IntN(8) {
	case 0, 1:
		return w.address()
	case 2:
		return w.entity()
	case 3:
		return pick(w, w.far)
	}
	return pick(w, w.pods)
}

// Few ports, so that flows meet each other and what a person wrote.
var ports = []uint32{6379, 80, 443, 5432, 8080, 9090}

func (w *World) l4() *flowpb.Layer4 {
	port := pick(w, ports)
	client := 32768 + uint32(w.IntN(20000))
	switch w.IntN(16) {
	case 0, 1:
		return UDP(client, port)
	case 2:
		return UDP(port, client) // an answer
	case 3:
		return UDP(pick(w, []uint32{0, 500, 4789, 40001}), pick(w, []uint32{500, 4789, 8472, 40002}))
	case 4:
		return SCTP(port)
	case 5:
		return ICMP("IPv4", pick(w, []uint32{0, 3, 8, 13}))
	case 6:
		return ICMP("IPv6", pick(w, []uint32{1, 128, 129, 135}))
	case 7:
		return w.oddTCP(client, port)
	}
	return tcp(client, port, &flowpb.TCPFlags{SYN: true})
}

// oddTCP gives packets that are no first ones, or do not say so.
func (w *World) oddTCP(client, port uint32) *flowpb.Layer4 {
	switch w.IntN(6) {
	case 0:
		return tcp(port, client, &flowpb.TCPFlags{SYN: true, ACK: true})
	case 1:
		return tcp(client, port, &flowpb.TCPFlags{RST: true})
	case 2:
		return tcp(client, port, &flowpb.TCPFlags{ACK: true, PSH: true})
	case 3:
		return tcp(port, client, &flowpb.TCPFlags{ACK: true})
	case 4:
		return tcp(pick(w, []uint32{port, client, 0}), pick(w, []uint32{port, client}), nil)
	}
	return tcp(client, port, nil)
}

// flow gives a flow and what comes with it.
func (w *World) flow() []*flowpb.Flow {
	subject := pick(w, w.pods)
	switch w.IntN(10) {
	case 0, 1:
		return []*flowpb.Flow{w.request(subject)}
	case 2:
		return w.lookup(subject)
	case 3:
		return []*flowpb.Flow{w.toName(subject)}
	}
	ingress := w.oneIn(2)
	source, destination := subject, w.peer()
	if ingress {
		source, destination = destination, source
	}
	first := Dropped(ingress, source, destination, w.l4())
	w.spoil(first)
	if !w.oneIn(4) {
		return []*flowpb.Flow{first}
	}
	// The policy verdict on the same packet.
	twin := proto.CloneOf(first)
	twin.EventType = &flowpb.CiliumEventType{Type: 5}
	return []*flowpb.Flow{first, twin}
}

// spoil makes some flows ones that no policy mends.
func (w *World) spoil(flow *flowpb.Flow) {
	switch w.IntN(20) {
	case 0:
		flow.DropReasonDesc = pick(w, []flowpb.DropReason{flowpb.DropReason_POLICY_DENY, flowpb.DropReason_AUTH_REQUIRED,
			flowpb.DropReason_CT_MAP_INSERTION_FAILED, 255})
		flow.DropReason = uint32(flow.DropReasonDesc)
	case 1:
		flow.IsReply = wrapperspb.Bool(true)
	case 2:
		flow.Verdict = pick(w, []flowpb.Verdict{flowpb.Verdict_FORWARDED, flowpb.Verdict_AUDIT, flowpb.Verdict_REDIRECTED})
	case 3:
		flow.TrafficDirection = flowpb.TrafficDirection_TRAFFIC_DIRECTION_UNKNOWN
	}
}

func (w *World) request(subject End) *flowpb.Flow {
	url := fmt.Sprintf("http://x:8080/api/v1/%s", pick(w, []string{"users", "users?page=2", fmt.Sprintf("items/%d", w.IntN(5)), "a%20b", "x.y(z)+$", ""}))
	record := HTTP(pick(w, []string{"GET", "POST", "get"}), url)
	l4 := tcp(40000, pick(w, []uint32{80, 8080}), nil)
	if w.oneIn(2) {
		return Seen(true, pick(w, []End{pick(w, w.pods), w.address()}), subject, l4, record)
	}
	return Seen(false, subject, pick(w, []End{pick(w, w.pods), w.address()}), l4, record)
}

// lookup gives a record of a lookup, its answer, or the drop of the packet.
func (w *World) lookup(subject End) []*flowpb.Flow {
	server, port := w.serverOf(subject)
	name := pick(w, append(w.inside(subject.Namespace), w.external...))
	switch w.IntN(3) {
	case 0:
		return []*flowpb.Flow{Dropped(false, subject, server, UDP(40000, port))}
	case 1:
		answer := Seen(false, server, subject, UDP(port, 40000), DNS(name, "203.0.113.20"))
		return []*flowpb.Flow{w.query(subject, server, port, name), answer}
	}
	return []*flowpb.Flow{w.query(subject, server, port, name)}
}

// query gives a record of a query, which the proxy refused or let pass.
func (w *World) query(subject, server End, port uint32, name string) *flowpb.Flow {
	out := Seen(false, subject, server, UDP(40000, port), DNS(name))
	if w.oneIn(3) {
		out.Verdict = flowpb.Verdict_DROPPED
	}
	return out
}

// toName gives a drop of which the name is known.
func (w *World) toName(subject End) *flowpb.Flow {
	if w.oneIn(4) {
		// Known from an answer only.
		return Dropped(false, subject, Reserved("203.0.113.20", w.world("world-ipv4")), TCP(443))
	}
	out := Dropped(false, subject, w.address(), TCP(pick(w, []uint32{443, 8080})))
	out.DestinationNames = []string{pick(w, w.external)}
	return out
}

// addCrowds gives one workload more ports, ICMP types and addresses than a list of a policy holds.
func (w *World) addCrowds() {
	subject, peer := pick(w, w.pods), pick(w, w.pods)
	for i := range uint32(45) {
		w.flows = append(w.flows, Dropped(true, peer, subject, TCP(7000+i)))
	}
	outside := func(i int) End { return Reserved(fmt.Sprintf("198.51.100.%d", i), w.world("world-ipv4")) }
	for i := range 45 {
		w.flows = append(w.flows, Dropped(false, subject, outside(i+1), TCP(443)))
	}
	for kind := range uint32(45) {
		w.flows = append(w.flows, Dropped(true, peer, subject, ICMP("IPv6", 138+kind)))
	}
}
