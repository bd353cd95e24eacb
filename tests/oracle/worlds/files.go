// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package worlds

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/cilium/cilium/pkg/u8proto"
	"sigs.k8s.io/yaml"

	"oracle/capture"
)

type object = map[string]any

// Files gives policies that a person wrote before cpg ran, by their path, for some of the workloads that the flows are about.
// Their rules are about the same peers and ports, or near ones.
func (w *World) Files(asks []*capture.Ask) (map[string]string, error) {
	bySubject := map[string][]*capture.Ask{}
	for _, ask := range asks {
		if name := workloadName(ask.Subject.Selector); name != "" {
			path := ask.Subject.Selector.Namespace + "/" + name + ".yaml"
			bySubject[path] = append(bySubject[path], ask)
		}
	}
	out := map[string]string{}
	for _, path := range slices.Sorted(maps.Keys(bySubject)) {
		if w.oneIn(3) {
			continue
		}
		text, err := yaml.Marshal(w.policy(bySubject[path]))
		if err != nil {
			return nil, err
		}
		out[path] = "# by hand\n" + string(text)
	}
	return out, nil
}

var plainName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// workloadName gives the name of the file that cpg merges into; empty where cpg would make one up.
func workloadName(selector capture.Selector) string {
	var values []string
	for _, key := range slices.Sorted(maps.Keys(selector.Labels)) {
		values = append(values, selector.Labels[key])
	}
	name := strings.Join(values, "-")
	if !plainName.MatchString(name) {
		return ""
	}
	return name
}

func (w *World) policy(asks []*capture.Ask) object {
	subject := asks[0].Subject
	metadata := object{"name": "cpg-" + workloadName(subject.Selector), "namespace": subject.Selector.Namespace}
	if w.oneIn(2) {
		metadata["labels"] = object{"app.kubernetes.io/managed-by": "cpg"}
	}
	out := object{"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": metadata}
	switch w.IntN(4) {
	case 0:
		out["specs"] = []object{w.spec(asks), w.spec(asks)}
	case 1:
		out["spec"] = w.spec(asks)
		out["specs"] = []object{w.spec(asks)}
	default:
		out["spec"] = w.spec(asks)
	}
	return out
}

func (w *World) spec(asks []*capture.Ask) object {
	subject := asks[0].Subject
	labels := object{}
	for _, key := range slices.Sorted(maps.Keys(subject.Selector.Labels)) {
		labels[w.prefix()+key] = subject.Selector.Labels[key]
	}
	if instance := subject.Label("app.kubernetes.io/instance"); instance != "" && everyPodHas(asks, instance) && w.oneIn(2) {
		labels["app.kubernetes.io/instance"] = instance
	}
	out := object{"endpointSelector": object{"matchLabels": labels}}
	for range 1 + w.IntN(4) {
		w.addRule(out, pick(w, asks))
	}
	if w.oneIn(6) && out["egress"] != nil {
		out["enableDefaultDeny"] = object{"egress": false}
	}
	return out
}

func everyPodHas(asks []*capture.Ask, instance string) bool {
	return !slices.ContainsFunc(asks, func(ask *capture.Ask) bool {
		return ask.Subject.Label("app.kubernetes.io/instance") != instance
	})
}

// prefix is one of the sources that a key may be written with and mean the same.
func (w *World) prefix() string { return pick(w, []string{"", "", "k8s:", "any:"}) }

// addRule adds a rule about what a flow asks for.
func (w *World) addRule(spec object, ask *capture.Ask) {
	section := "egress"
	if ask.Ingress {
		section = "ingress"
	}
	add := func(section string, rules ...object) {
		have, _ := spec[section].([]object)
		spec[section] = append(have, rules...)
	}
	if w.oneIn(8) {
		add(section, object{}) // default deny, nothing more
		return
	}
	if !ask.Ingress && w.oneIn(4) {
		add(section, w.names()...)
		return
	}
	rule := w.peerOf(ask)
	if w.oneIn(6) {
		section += "Deny"
		w.setPorts(rule, ask, false)
	} else {
		w.setPorts(rule, ask, w.oneIn(3))
	}
	add(section, rule)
}

// names gives names that are let through, with the strict rule to the DNS server that goes with them.
func (w *World) names() []object {
	name := pick(w, w.external)
	server := object{"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s-app": "kube-dns"}
	lookup := object{
		"ports": []object{{"port": "53", "protocol": pick(w, []string{"UDP", "ANY"})}},
		"rules": object{"dns": []object{{"matchName": name}}},
	}
	dns := object{"toEndpoints": []object{{"matchLabels": server}}, "toPorts": []object{lookup}}
	if w.oneIn(3) {
		return []object{dns} // a filter alone
	}
	https := []object{{"ports": []object{{"port": "443", "protocol": "TCP"}}}}
	return []object{dns, {"toFQDNs": []object{{"matchName": name}}, "toPorts": https}}
}

// peerOf writes the peer in one of the ways in which a person may.
func (w *World) peerOf(ask *capture.Ask) object {
	way := "to"
	if ask.Ingress {
		way = "from"
	}
	switch peer := ask.Peer; {
	case peer.Entity != "":
		return object{way + "Entities": []string{peer.Entity}}
	case peer.World && peer.Address.Is4():
		set := object{"cidr": "203.0.113.0/24", "except": []string{"203.0.113.2/32", peer.Address.String() + "/32"}}
		if w.oneIn(2) {
			set["except"] = []string{"203.0.113.2/32"}
		}
		if w.oneIn(2) || !strings.HasPrefix(peer.Address.String(), "203.0.113.") {
			return object{way + "CIDR": []string{peer.Address.String() + "/32"}}
		}
		return object{way + "CIDRSet": []object{set}}
	case peer.World:
		return object{way + "CIDR": []string{peer.Address.String() + "/128"}}
	}
	return object{way + "Endpoints": []object{w.selectorOf(ask)}}
}

func (w *World) selectorOf(ask *capture.Ask) object {
	labels, subject := object{}, ask.Subject.Selector
	var expressions []object
	for _, key := range slices.Sorted(maps.Keys(ask.Peer.Selector.Labels)) {
		value := ask.Peer.Selector.Labels[key]
		if w.oneIn(4) {
			expressions = append(expressions, object{"key": w.prefix() + key, "operator": "In", "values": []string{value, "one-more"}})
		} else {
			labels[w.prefix()+key] = value
		}
	}
	if peer := ask.Peer.Selector; peer.Namespace != subject.Namespace {
		labels[pick(w, []string{"k8s:", ""})+capture.NamespaceLabel] = peer.Namespace
	}
	if peer := ask.Peer.Selector; peer.Cluster != subject.Cluster {
		labels[capture.ClusterLabel] = peer.Cluster
	}
	out := object{"matchLabels": labels}
	if len(expressions) > 0 {
		out["matchExpressions"] = expressions
	}
	return out
}

// setPorts opens the port of the flow, or some around it; filter puts requests on it where the protocol has any.
func (w *World) setPorts(rule object, ask *capture.Ask, filter bool) {
	switch ask.Proto {
	case u8proto.ICMP:
		rule["icmps"] = []object{{"fields": []object{{"type": int(ask.Port)}}}}
		return
	case u8proto.ICMPv6:
		rule["icmps"] = []object{{"fields": []object{{"family": "IPv6", "type": int(ask.Port)}}}}
		return
	}
	port := object{"port": fmt.Sprint(ask.Port), "protocol": ask.Proto.String()}
	ports := object{"ports": []object{port}}
	rule["toPorts"] = []object{ports}
	switch {
	// Not to addresses: a name that has one of them is another peer, and what it opens is open there as well.
	case filter && (ask.Ingress || !ask.Peer.World) && ask.Proto == u8proto.TCP && (ask.Port == 80 || ask.Port == 8080):
		ports["rules"] = object{"http": []object{{"method": "GET", "path": "^/health$"}}}
	case filter && !ask.Ingress && ask.Port == 53 && ask.Proto != u8proto.SCTP:
		ports["rules"] = object{"dns": []object{{"matchPattern": "*.example.net"}}}
	case w.oneIn(4):
		port["protocol"] = "ANY"
	case w.oneIn(4):
		port["port"], port["endPort"] = fmt.Sprint(max(ask.Port, 5)-4), int(min(ask.Port, 65000))+10
	}
}
