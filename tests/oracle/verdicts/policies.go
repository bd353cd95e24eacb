// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package verdicts

import (
	"fmt"
)

type object = map[string]any

// Keys of labels in every form that a person may write, with values that some pods have.
func (w *world) label() (string, string) {
	prefix := pick(w, []string{"", "", "", "k8s:", "any:"})
	switch w.IntN(12) {
	case 0, 1, 2, 3, 4:
		return prefix + "app", pick(w, apps)
	case 5, 6:
		return prefix + "tier", pick(w, tiers)
	case 7:
		return prefix + "app.kubernetes.io/name", pick(w, apps)
	case 8:
		return prefix + "canary", ""
	case 9:
		return pick(w, []string{"container:image", "any:image", "image", "k8s:image"}), "x"
	case 10:
		return prefix + "io.cilium.k8s.namespace.labels.team", pick(w, []string{"red", "blue"})
	}
	return pick(w, []string{"app:kubernetes.io/name", "absent", "k8s:absent"}), pick(w, apps)
}

func (w *world) namespaceKey() string {
	return pick(w, []string{"k8s:", "", "any:"}) + "io.kubernetes.pod.namespace"
}

// selector of pods; peer: with the keys that only a peer's selector may sensibly have.
func (w *world) selector(peer bool) object {
	matched, expressions := object{}, []object{}
	for range w.IntN(3) {
		key, value := w.label()
		if w.oneIn(3) {
			expressions = append(expressions, w.expression(key, value))
		} else {
			matched[key] = value
		}
	}
	if peer && w.oneIn(3) {
		if w.oneIn(4) {
			expressions = append(expressions, w.expression(w.namespaceKey(), pick(w, namespaces)))
		} else {
			matched[w.namespaceKey()] = pick(w, namespaces)
		}
	}
	if peer && w.oneIn(8) {
		matched[pick(w, []string{"k8s:", "", "any:"})+"io.cilium.k8s.policy.cluster"] = pick(w, []string{home, "west"})
	}
	if peer && w.oneIn(25) {
		matched[pick(w, []string{"reserved:", "$", "reserved."})+pick(w, []string{"host", "world-ipv4", "health", "remote-node"})] = ""
	}
	if !peer && w.oneIn(20) {
		matched[w.namespaceKey()] = pick(w, namespaces)
	}
	out := object{}
	if len(matched) > 0 || w.oneIn(3) {
		out["matchLabels"] = matched
	}
	if len(expressions) > 0 {
		out["matchExpressions"] = expressions
	}
	return out
}

func (w *world) expression(key, value string) object {
	switch w.IntN(5) {
	case 0:
		return object{"key": key, "operator": "Exists"}
	case 1:
		return object{"key": key, "operator": "DoesNotExist"}
	case 2:
		return object{"key": key, "operator": "NotIn", "values": []string{value}}
	}
	return object{"key": key, "operator": "In", "values": []string{value, pick(w, []string{"other", "web", "front", "data"})}}
}

var prefixes = []string{"203.0.113.0/24", "203.0.113.1/32", "203.0.113.10/32", "203.0.113.16/28", "198.51.0.0/16", "198.51.100.7/32",
	"0.0.0.0/0", "::/0", "2001:db8:77::/48", "2001:db8:77::1/128", "2001:db8::/32", "10.0.0.0/8", "172.18.0.0/16", "203.0.113.77/24"}

// Prefixes with one that lies in each.
var holes = [][2]string{{"203.0.113.0/24", "203.0.113.1/32"}, {"203.0.113.0/24", "203.0.113.8/29"}, {"0.0.0.0/0", "203.0.113.0/24"},
	{"198.51.0.0/16", "198.51.100.0/24"}, {"2001:db8::/32", "2001:db8:77::1/128"}, {"::/0", "2001:db8:77::/48"}}

func (w *world) prefixSet() object {
	if w.oneIn(12) {
		return object{"cidrGroupRef": "partners"}
	}
	if w.oneIn(20) {
		return object{"cidrGroupSelector": object{"matchLabels": object{"group": "partners"}}}
	}
	hole := pick(w, holes)
	if w.oneIn(3) {
		return object{"cidr": hole[0]}
	}
	return object{"cidr": hole[0], "except": []string{hole[1]}}
}

func (w *world) name() object {
	if w.oneIn(2) {
		return object{"matchName": pick(w, append(names, "API.Example.com", "api.example.com."))}
	}
	return object{"matchPattern": pick(w, []string{"*", "*.example.com", "**.example.com", "*.example.net", "a*.example.com", "*example.com",
		"www-*.example.com", "*.*.example.com", "**", "**example.com", "api.*.com", "*.Example.com."})}
}

func several[T any](w *world, one func() T) []T {
	out := []T{one()}
	for w.oneIn(3) {
		out = append(out, one())
	}
	return out
}

// setPeers writes the L3 member of a rule.
func (w *world) setPeers(rule object, ingress, deny bool) {
	way := "to"
	if ingress {
		way = "from"
	}
	switch w.IntN(20) {
	case 0, 1, 2, 3, 4, 5:
		rule[way+"Endpoints"] = several(w, func() object { return w.selector(true) })
	case 6, 7:
		rule[way+"CIDR"] = several(w, func() string { return pick(w, prefixes) })
	case 8, 9:
		rule[way+"CIDRSet"] = several(w, w.prefixSet)
	case 10, 11, 12:
		rule[way+"Entities"] = several(w, func() string {
			return pick(w, []string{"all", "world", "cluster", "host", "remote-node", "kube-apiserver", "health", "ingress", "unmanaged", "init", "none"})
		})
	case 13, 14:
		if !ingress && !deny {
			rule["toFQDNs"] = several(w, w.name)
			return
		}
		rule[way+"Endpoints"] = []object{{}}
	case 15:
		rule[way+pick(w, []string{"Endpoints", "CIDR", "Entities", "CIDRSet"})] = []object{}
	case 16:
		if w.oneIn(3) && !ingress {
			rule["toServices"] = []object{{"k8sService": object{"serviceName": "pay", "namespace": "shop"}}}
		} else if w.oneIn(8) {
			rule[way+"Nodes"] = []object{{"matchLabels": object{"zone": "a"}}}
		} else if w.oneIn(8) {
			rule[way+"Groups"] = []object{{"aws": object{"securityGroupsIds": []string{"sg-1"}}}}
		} else {
			rule[way+"Endpoints"] = []object{{}}
		}
	}
}

var numbers = []string{"80", "443", "53", "8080", "5432", "1", "65535"}

func (w *world) port(protocol string) object {
	out := object{"port": pick(w, numbers)}
	switch w.IntN(14) {
	case 0:
		out["port"] = "0"
	case 1:
		out["port"], out["endPort"] = pick(w, []string{"79", "50", "8000", "80", "0", "1024"}), pick(w, []int{81, 443, 9000, 80, 65535, 10})
	case 2:
		out["port"] = pick(w, []string{"http", "dns-tcp", "0x50", "HTTPS"})
	case 3:
		out["port"] = pick(w, []string{"0120", "010", "00"}) // octal
	}
	if protocol == "" {
		protocol = pick(w, []string{"TCP", "TCP", "TCP", "UDP", "SCTP", "ANY", ""})
	}
	if protocol != "" {
		out["protocol"] = protocol
	}
	return out
}

func (w *world) httpRule() object {
	out := object{}
	if w.oneIn(2) {
		out["method"] = pick(w, []string{"GET", "POST", "GET|POST", "get", "G.*"})
	}
	if !w.oneIn(4) {
		out["path"] = pick(w, []string{"/", "/v1/items", "^/v1/items$", "/v1/.*", "/v1/items(\\?.*)?", "/[a-z]+", "/a%20b", "/v1/items|/health"})
	}
	if w.oneIn(8) {
		out["host"] = pick(w, []string{"shop.example", "shop\\.example", ".*"})
	}
	if w.oneIn(12) {
		out["headers"] = []string{"X-Token 1"}
	}
	if w.oneIn(16) {
		out["headerMatches"] = []object{{"name": "X-Token", "value": "1", "mismatch": pick(w, []string{"LOG", "REPLACE"})}}
	}
	return out
}

// setPorts writes the L4 member of a rule.
func (w *world) setPorts(rule object, ingress, deny bool) {
	switch w.IntN(14) {
	case 0, 1:
		return
	case 2:
		rule["toPorts"] = []object{}
	case 3:
		rule["toPorts"] = []object{{}}
	case 4, 5:
		rule["icmps"] = several(w, w.icmps)
	default:
		rule["toPorts"] = several(w, func() object { return w.portRule(ingress, deny) })
	}
	if !deny && w.oneIn(25) {
		rule["authentication"] = object{"mode": pick(w, []string{"required", "disabled", "test-always-fail"})}
	}
}

func (w *world) portRule(ingress, deny bool) object {
	if !deny {
		switch w.IntN(9) {
		case 0, 1:
			return object{"ports": several(w, func() object { return w.filteredPort("TCP") }), "rules": object{"http": several(w, w.httpRule)}}
		case 2, 3:
			if !ingress {
				return object{"ports": several(w, func() object { return w.filteredPort(pick(w, []string{"UDP", "ANY", "TCP"})) }),
					"rules": object{"dns": several(w, w.name)}}
			}
		case 4:
			if w.oneIn(6) {
				return object{"ports": []object{w.filteredPort("TCP")}, "rules": pick(w, []object{
					{"kafka": []object{{"topic": "t"}}}, {"l7proto": "r2d2", "l7": []object{{"cmd": "READ"}}}, {"l7proto": "r2d2"}, {"http": []object{}}})}
			}
		case 5:
			if w.oneIn(10) {
				return object{"ports": []object{w.filteredPort("TCP")}, "serverNames": []string{"www.example.com"}}
			}
		case 6:
			if w.oneIn(16) && !ingress {
				return object{"ports": []object{w.filteredPort("TCP")}, "listener": object{"name": "l",
					"envoyConfig": object{"kind": "CiliumClusterwideEnvoyConfig", "name": "c"}}}
			}
		}
	}
	return object{"ports": several(w, func() object { return w.port("") })}
}

func (w *world) filteredPort(protocol string) object {
	out := object{"port": pick(w, []string{"80", "53", "8080"}), "protocol": protocol}
	if protocol == "TCP" && w.oneIn(8) {
		out["endPort"] = 8090
	}
	return out
}

func (w *world) icmps() object {
	return object{"fields": several(w, func() object {
		if w.oneIn(2) {
			out := object{"type": pick(w, []any{8, 13, "8", "EchoRequest", "Echo", "Timestamp", 0, "EchoReply", 42, "13"})}
			if w.oneIn(2) {
				out["family"] = "IPv4"
			}
			return out
		}
		return object{"family": "IPv6", "type": pick(w, []any{128, "EchoRequest", 130, "MulticastListenerQuery", "130", 0, "ExtendedEchoRequest"})}
	})}
}

func (w *world) rule(ingress, deny bool) object {
	rule := object{}
	if w.oneIn(12) {
		return rule
	}
	w.setPeers(rule, ingress, deny)
	w.setPorts(rule, ingress, deny)
	return rule
}

func (w *world) spec(clusterwide bool) object {
	out := object{"endpointSelector": w.selector(false)}
	if clusterwide && w.oneIn(8) {
		delete(out, "endpointSelector")
		out["nodeSelector"] = object{"matchLabels": object{"zone": "a"}}
	}
	for range 1 + w.IntN(3) {
		section, ingress := "egress", w.oneIn(2)
		if ingress {
			section = "ingress"
		}
		deny := w.oneIn(7)
		if deny {
			section += "Deny"
		}
		have, _ := out[section].([]object)
		out[section] = append(have, w.rule(ingress, deny))
	}
	if w.oneIn(5) {
		wanted := object{}
		for _, direction := range []string{"ingress", "egress"} {
			if w.oneIn(2) {
				wanted[direction] = w.oneIn(3)
			}
		}
		out["enableDefaultDeny"] = wanted
	}
	return out
}

// document gives one policy; what it has a mind to do is not always taken.
func (w *world) document(number int) object {
	namespace := pick(w, namespaces)
	name := fmt.Sprintf("p%d", number)
	metadata := object{"name": name, "namespace": namespace}
	switch w.IntN(8) {
	case 0, 1:
		return object{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": w.kubernetesSpec()}
	case 2:
		return w.withSpecs(object{"apiVersion": "cilium.io/v2", "kind": "CiliumClusterwideNetworkPolicy", "metadata": object{"name": name}}, true)
	}
	return w.withSpecs(object{"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": metadata}, false)
}

func (w *world) withSpecs(out object, clusterwide bool) object {
	switch w.IntN(6) {
	case 0:
		out["specs"] = several(w, func() object { return w.spec(clusterwide) })
	case 1:
		out["spec"], out["specs"] = w.spec(clusterwide), []object{w.spec(clusterwide)}
	default:
		out["spec"] = w.spec(clusterwide)
	}
	if w.oneIn(6) {
		w.spoil(out)
	}
	return out
}
