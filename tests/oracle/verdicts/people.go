// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Package verdicts compares what `cpg verify` says of random flows under random policies with Cilium's own engine.
package verdicts

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/labels"

	"oracle/worlds"
)

const home = "default"

// end is somebody who takes part in flows.
type end struct {
	worlds.End
	number  identity.NumericIdentity // of a reserved identity
	address netip.Addr               // of somebody outside of the cluster
	names   []string                 // that the address is known by
}

func (e *end) isPod() bool   { return e.Namespace != "" }
func (e *end) isWorld() bool { return e.address.IsValid() }

// labels as the agent has them; of an address they depend on who has learned which names.
func (e *end) labels() labels.LabelArray {
	var out labels.LabelArray
	for _, text := range e.Labels {
		out = append(out, labels.ParseLabel(text))
	}
	return out
}

var (
	namespaces = []string{"shop", "data", "lab"}
	teams      = map[string]string{"shop": "red", "data": "blue", "lab": "red"}
	apps       = []string{"web", "api", "db", "job"}
	tiers      = []string{"front", "back"}
	names      = []string{"api.example.com", "pay.example.net", "cdn.example.org", "a.b.example.com", "example.com", "www-1.example.com"}
)

// world is one round: people, policies and flows.
type world struct {
	*rand.Rand
	ends     []*end
	pods     []*end
	policies []object
}

func pick[T any](w *world, from []T) T { return from[w.IntN(len(from))] }

func (w *world) oneIn(n int) bool { return w.IntN(n) == 0 }

func newWorld(seed, round uint64) *world {
	w := &world{Rand: rand.New(rand.NewPCG(seed, round))}
	for n, namespace := range namespaces {
		for i := range 4 {
			w.addPod(namespace, home, fmt.Sprintf("10.0.%d.%d", n, i+1))
		}
	}
	w.addPod("shop", "west", "10.9.0.1")
	w.addPod("data", "west", "10.9.0.2")
	w.addReserved(1, "172.18.0.2", "host")
	w.addReserved(6, "172.18.0.3", "remote-node")
	w.addReserved(7, "172.18.0.4", "kube-apiserver", "remote-node")
	w.addReserved(4, "10.0.0.200", "health")
	w.addReserved(8, "10.0.0.201", "ingress")
	w.addReserved(3, "10.0.0.202", "unmanaged")
	for i := range 6 {
		w.addAddress(fmt.Sprintf("203.0.113.%d", 1+i*9), "world-ipv4")
		w.addAddress(fmt.Sprintf("198.51.%d.7", 100+i), "world-ipv4")
		w.addAddress(fmt.Sprintf("2001:db8:77::%x", 1+i*5), "world-ipv6")
	}
	return w
}

func (w *world) addPod(namespace, cluster, ip string) {
	own := []string{"app=" + pick(w, apps)}
	if w.oneIn(2) {
		own = append(own, "tier="+pick(w, tiers))
	}
	if w.oneIn(3) {
		own = append(own, "app.kubernetes.io/name="+pick(w, apps))
	}
	if w.oneIn(4) {
		own = append(own, "canary=")
	}
	pod := worlds.Pod(namespace, cluster, ip, own...)
	pod.Labels = append(pod.Labels, "k8s:io.cilium.k8s.namespace.labels.team="+teams[namespace])
	if w.oneIn(5) {
		pod.Labels = append(pod.Labels, "container:image=x")
	}
	slices.Sort(pod.Labels)
	out := &end{End: pod}
	w.ends = append(w.ends, out)
	w.pods = append(w.pods, out)
}

func (w *world) addReserved(number identity.NumericIdentity, ip string, names ...string) {
	w.ends = append(w.ends, &end{End: worlds.Reserved(ip, names...), number: number})
}

func (w *world) addAddress(ip, name string) {
	out := &end{End: worlds.Reserved(ip, name), address: netip.MustParseAddr(ip)}
	for range w.IntN(3) {
		if found := pick(w, names); !slices.Contains(out.names, found) {
			out.names = append(out.names, found)
		}
	}
	slices.Sort(out.names)
	w.ends = append(w.ends, out)
}
