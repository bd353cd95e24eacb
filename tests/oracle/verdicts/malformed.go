// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package verdicts

import "slices"

// Places in a spec that a fault is put into: functions that change the first rule of a direction.
var faults = []func(w *world, spec, rule object, ingress bool){
	func(_ *world, spec, _ object, _ bool) { delete(spec, "endpointSelector") },
	func(_ *world, spec, _ object, _ bool) { spec["nodeSelector"] = object{} },
	func(_ *world, spec, _ object, _ bool) {
		delete(spec, "endpointSelector")
		spec["nodeSelector"] = object{}
	},
	func(_ *world, spec, _ object, _ bool) {
		spec["endpointSelector"] = object{"matchLabels": object{"app": "not valid"}}
	},
	func(_ *world, spec, _ object, _ bool) {
		spec["endpointSelector"] = object{"matchLabels": object{"ap p": "web"}}
	},
	func(_ *world, spec, _ object, _ bool) {
		spec["endpointSelector"] = object{"matchLabels": object{"app": 7}}
	},
	func(_ *world, spec, _ object, _ bool) {
		spec["endpointSelector"] = object{"matchExpressions": []object{{"key": "app", "operator": "In"}}}
	},
	func(_ *world, spec, _ object, _ bool) {
		spec["endpointSelector"] = object{"matchExpressions": []object{{"key": "app", "operator": "Exists", "values": []string{"x"}}}}
	},
	func(_ *world, spec, _ object, _ bool) {
		spec["endpointSelector"] = object{"matchExpressions": []object{{"key": "app", "operator": "Is"}}}
	},
	func(_ *world, spec, _ object, _ bool) { spec["endpointSelector"] = "web" },
	func(_ *world, spec, _ object, _ bool) { spec["surprise"] = object{"a": 1} },
	func(_ *world, spec, _ object, _ bool) { spec["enableDefaultDeny"] = object{"ingress": "false"} },
	func(_ *world, spec, _ object, _ bool) { spec["enableDefaultDeny"] = true },
	func(_ *world, spec, _ object, _ bool) { spec["ingress"] = object{} },
	func(_ *world, _, rule object, _ bool) {
		rule["toPorts"] = []object{{"ports": []object{{"port": 80, "protocol": "TCP"}}}}
		delete(rule, "icmps")
	},
	func(w *world, _, rule object, _ bool) {
		rule["toPorts"] = []object{{"ports": []object{{"port": pick(w, []string{"99999", "-1", "", "a_b", "0x", "08", "65536", "this-is-too-long-a-name", "a--b"})}}}}
		delete(rule, "icmps")
	},
	func(_ *world, _, rule object, _ bool) {
		rule["toPorts"] = []object{{"ports": []object{{"port": "80", "protocol": "tcp"}}}}
		delete(rule, "icmps")
	},
	func(_ *world, _, rule object, _ bool) {
		rule["toPorts"] = []object{{"ports": []object{{"port": "80", "protocol": "ICMP"}}}}
		delete(rule, "icmps")
	},
	func(_ *world, _, rule object, _ bool) {
		rule["toPorts"] = []object{{"ports": []object{{"port": "80", "endPort": 70000}}}}
		delete(rule, "icmps")
	},
	func(_ *world, _, rule object, _ bool) {
		rule["toPorts"] = []object{{"ports": []object{{"protocol": "TCP"}}}}
		delete(rule, "icmps")
	},
	func(_ *world, _, rule object, _ bool) {
		rule["toPorts"] = []object{{"ports": slices.Repeat([]object{{"port": "80", "protocol": "TCP"}}, 41)}}
		delete(rule, "icmps")
	},
	func(_ *world, _, rule object, _ bool) {
		rule["toPorts"] = []object{{"ports": []object{{"port": "80"}}}}
		rule["icmps"] = []object{{"fields": []object{{"type": 8}}}}
	},
	func(w *world, _, rule object, _ bool) {
		rule["icmps"] = []object{{"fields": []object{{"type": pick(w, []any{"Ping", "256", "ExtendedEchoReply", "08", nil})}}}}
		delete(rule, "toPorts")
	},
	func(_ *world, _, rule object, _ bool) {
		rule["icmps"] = []object{{"fields": []object{{"family": "IPv5", "type": 8}}}}
		delete(rule, "toPorts")
	},
	func(_ *world, _, rule object, _ bool) {
		rule["icmps"] = []object{{"fields": []object{{"family": "IPv4"}}}}
		delete(rule, "toPorts")
	},
	func(w *world, _, rule object, _ bool) {
		rule["toPorts"] = []object{{"ports": []object{{"port": "80", "protocol": pick(w, []string{"UDP", "ANY"})}}, "rules": object{"http": []object{{"path": "/"}}}}}
		delete(rule, "icmps")
	},
	func(_ *world, _, rule object, _ bool) {
		rule["toPorts"] = []object{{"ports": []object{{"port": "0", "protocol": "TCP"}}, "rules": object{"http": []object{{"path": "/"}}}}}
		delete(rule, "icmps")
	},
	func(_ *world, _, rule object, _ bool) {
		rule["toPorts"] = []object{{"ports": []object{{"port": "80", "protocol": "TCP"}}, "rules": object{}}}
		delete(rule, "icmps")
	},
	func(_ *world, _, rule object, _ bool) {
		rule["toPorts"] = []object{{"ports": []object{{"port": "80", "protocol": "TCP"}}, "rules": object{"http": []object{{"path": "["}}}}}
		delete(rule, "icmps")
	},
	func(_ *world, _, rule object, _ bool) {
		rule["toPorts"] = []object{{"ports": []object{{"port": "80", "protocol": "TCP"}}, "rules": object{"http": []object{{}}, "dns": []object{{"matchName": "a.b"}}}}}
		delete(rule, "icmps")
	},
	func(w *world, _, rule object, _ bool) {
		rule["toPorts"] = []object{{"ports": []object{{"port": "53", "endPort": 60, "protocol": "UDP"}}, "rules": object{"dns": []object{{"matchName": "a.b"}}}}}
		delete(rule, "icmps")
	},
	func(w *world, _, rule object, _ bool) {
		rule["toPorts"] = []object{{"ports": []object{{"port": "53", "protocol": "UDP"}}, "rules": object{"dns": []object{
			pick(w, []object{{}, {"matchName": "a b"}, {"matchName": "*.b"}, {"matchName": "a.b", "matchPattern": "*"}, {"matchPattern": "a..b"}, {"matchName": ""}})}}}}
		delete(rule, "icmps")
	},
	func(_ *world, _, rule object, _ bool) {
		rule["toPorts"] = object{"ports": []object{}}
		delete(rule, "icmps")
	},
	func(_ *world, _, rule object, _ bool) { rule["toPorts"] = nil },
	func(w *world, _, rule object, ingress bool) {
		setOnly(rule, ingress, "Entities", []string{pick(w, []string{"moon", "World", "world-ipv4", ""})})
	},
	func(w *world, _, rule object, ingress bool) {
		setOnly(rule, ingress, "CIDR", []string{pick(w, []string{"10.0.0.0", "10.0.0.0/33", "10.0.0/8", "x", "", "10.0.0.0/08", "2001:db8::/129"})})
	},
	func(w *world, _, rule object, ingress bool) {
		setOnly(rule, ingress, "CIDRSet", []object{pick(w, []object{{}, {"cidr": "10.0.0.0/8", "except": []string{"11.0.0.0/8"}}, {"cidr": "10.0.0.0/8", "cidrGroupRef": "g"},
			{"cidrGroupRef": "Not A Name"}, {"cidr": "10.0.0.0"}, {"cidr": "0.0.0.0/0", "except": []string{"::/0"}}, {"cidr": "10.0.0.0/8", "except": []string{"10.0.0.0/4"}}})})
	},
	func(_ *world, _, rule object, ingress bool) {
		setOnly(rule, ingress, "Endpoints", []object{{"matchLabels": object{"app": "web"}}})
		rule[way(ingress)+"Entities"] = []string{"world"}
	},
	func(_ *world, _, rule object, ingress bool) {
		setOnly(rule, ingress, "Endpoints", []object{{"matchLabels": object{"app": "web"}}})
		rule[way(ingress)+"CIDR"] = []string{}
	},
	func(_ *world, _, rule object, ingress bool) { rule[way(ingress)+"Requires"] = []string{} },
	func(_ *world, _, rule object, ingress bool) { rule[way(ingress)+"Requires"] = []object{{}} },
	func(_ *world, _, rule object, ingress bool) { setOnly(rule, ingress, "Endpoints", []object{nil}) },
	func(_ *world, _, rule object, _ bool) { rule["authentication"] = object{"mode": "maybe"} },
	func(_ *world, _, rule object, _ bool) { rule["authentication"] = object{} },
	func(_ *world, _, rule object, _ bool) { rule["unknownMember"] = true },
}

func way(ingress bool) string {
	if ingress {
		return "from"
	}
	return "to"
}

func setOnly(rule object, ingress bool, name string, value any) {
	for _, each := range []string{"Endpoints", "CIDR", "CIDRSet", "Entities", "FQDNs", "Services", "Groups", "Nodes"} {
		delete(rule, way(ingress)+each)
	}
	rule[way(ingress)+name] = value
}

// spoil puts a fault into a policy. Some are none: the API server leaves unknown members out.
func (w *world) spoil(document object) {
	spec, ok := document["spec"].(object)
	if !ok {
		spec = pick(w, document["specs"].([]object))
	}
	section := pick(w, []string{"ingress", "egress"})
	rules, _ := spec[section].([]object)
	if len(rules) == 0 {
		rules = []object{{}}
		spec[section] = rules
	}
	pick(w, faults)(w, spec, rules[0], section == "ingress")
}
