// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package worlds

// server is a DNS server and the port on which its pods listen.
type server struct {
	End
	port uint32
	asks func(End) bool // who asks it; nil for everybody
}

// inCluster gives pods of every cluster with the same labels.
func inCluster(namespace string, port uint32, labels ...string) []server {
	var out []server
	for _, cluster := range []string{"default", "west"} {
		ip := map[string]string{"default": "10.0.9.1", "west": "10.9.9.1"}[cluster]
		asks := func(pod End) bool { return pod.Cluster == cluster }
		out = append(out, server{Pod(namespace, cluster, ip, labels...), port, asks})
	}
	return out
}

// dnsServers gives one of the ways in which clusters are set up, each in its turn.
func (w *World) dnsServers(turn int) []server {
	outside := server{End: Reserved("192.0.2.53", w.world("world-ipv4")), port: 53}
	setups := [][]server{
		inCluster("kube-system", 53, "k8s-app=kube-dns"),
		inCluster("openshift-dns", 5353, "dns.operator.openshift.io/daemonset-dns=default"), // behind its Service
		{{End: Reserved("169.254.20.10", "host"), port: 53}},                                // node-local-dns on the host's network
		inCluster("kube-system", 53, "k8s-app=node-local-dns"),                              // and as pods
		inCluster("kube-system", 8053, "k8s-app=kube-dns"),                                  // without the right to low ports
		inCluster("kube-system", 53, "k8s-app=coredns", "app.kubernetes.io/name=coredns", "app.kubernetes.io/instance=coredns"),
		inCluster("kube-system", 53, "k8s-app=kube-dns", "app.kubernetes.io/name=rke2-coredns", "app.kubernetes.io/instance=rke2-coredns"),
		{outside},
		nil,
	}
	out := setups[turn%len(setups)]
	if out != nil {
		return out
	}
	// Each namespace its own: a resolver outside for one, the cluster's for the others.
	outside.asks = func(pod End) bool { return pod.Namespace == "shop" }
	return append([]server{outside}, setups[0]...)
}

func (w *World) serverOf(subject End) (End, uint32) {
	for _, each := range w.servers {
		if each.asks == nil || each.asks(subject) {
			return each.End, each.port
		}
	}
	panic("nobody answers " + subject.IP)
}

// inside gives names of the cluster, as a resolver of this namespace asks for them along its search list.
func (w *World) inside(namespace string) []string {
	list := namespace + ".svc." + w.domain
	return []string{
		"w0.data.svc." + w.domain, "api.example.com." + list, "api.example.com.svc." + w.domain, "api.example.com." + w.domain,
		"w0.data." + list, "kubernetes.default.svc." + w.domain,
	}
}
