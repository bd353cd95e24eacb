// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package judge

import (
	"oracle/capture"
)

// dnsServer is a peer that is asked for names, and the port on which it is.
type dnsServer struct {
	side *capture.Side
	port uint16
}

// dnsServers holds them by workload, and under the namespace and under "" for those that have asked none themselves.
type dnsServers map[string][]dnsServer

func findServers(asks []*capture.Ask) dnsServers {
	out := dnsServers{}
	for _, ask := range asks {
		if !ask.ToDNS {
			continue
		}
		server := dnsServer{ask.Peer, ask.Port}
		for _, key := range []string{workload(ask), ask.Subject.Selector.Cluster + "/" + ask.Subject.Selector.Namespace, ask.Subject.Selector.Cluster} {
			out[key] = append(out[key], server)
		}
	}
	return out
}

func workload(ask *capture.Ask) string { return ask.Subject.Selector.String() }

// of gives the servers of the workload of a flow, else of its namespace, else of its cluster; last what kubeadm installs.
func (s dnsServers) of(ask *capture.Ask) []dnsServer {
	pod := ask.Subject.Selector
	for _, key := range []string{workload(ask), pod.Cluster + "/" + pod.Namespace, pod.Cluster} {
		if len(s[key]) > 0 {
			return s[key]
		}
	}
	return []dnsServer{kubeadm(pod.Cluster)}
}

func kubeadm(cluster string) dnsServer {
	selector := capture.Selector{Namespace: "kube-system", Cluster: cluster, Labels: map[string]string{"k8s-app": "kube-dns"}}
	return dnsServer{&capture.Side{Raw: []string{"k8s:k8s-app=kube-dns"}, Selector: selector}, 53}
}
