// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package runner

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	flowpb "github.com/cilium/cilium/api/v1/flow"

	"oracle/judge"
	"oracle/worlds"
)

// plant is a policy with a known fault, or none. An oracle that misses one would pass anything.
type plant struct {
	name   string
	flows  []*flowpb.Flow
	before string // the spec before a merge; empty where there was no file
	spec   string
	l7     bool
	want   string // how the finding begins; empty where all is well
}

var (
	cart     = worlds.Pod("shop", "default", "10.0.0.1", "app=cart")
	web      = worlds.Pod("shop", "default", "10.0.0.2", "app=web")
	report   = worlds.Pod("data", "default", "10.0.0.3", "app=report")
	outside6 = worlds.Reserved("2001:db8::1", "world-ipv6")
	outside4 = worlds.Reserved("203.0.113.7", "world")
)

func fromWeb() []*flowpb.Flow {
	return []*flowpb.Flow{worlds.Dropped(true, web, cart, worlds.TCP(8080))}
}

func requestOfWeb() []*flowpb.Flow {
	return []*flowpb.Flow{worlds.Seen(true, web, cart, worlds.TCP(8080), worlds.HTTP("GET", "http://cart/items?page=2"))}
}

func answerToWeb() []*flowpb.Flow {
	flow := fromWeb()[0]
	flow.L4.GetTCP().Flags = &flowpb.TCPFlags{RST: true}
	return []*flowpb.Flow{flow, worlds.Dropped(true, report, cart, worlds.TCP(9090))}
}

func toPay() []*flowpb.Flow {
	flow := worlds.Dropped(false, cart, outside4, worlds.TCP(443))
	flow.DestinationNames = []string{"pay.example.net"}
	return []*flowpb.Flow{flow}
}

func lookup() []*flowpb.Flow {
	server := worlds.Pod("kube-system", "default", "10.0.9.1", "k8s-app=kube-dns")
	return append(toPay(), worlds.Seen(false, cart, server, worlds.UDP(40000, 53), worlds.DNS("pay.example.net")))
}

// lookupAt5353 asks a server whose pods listen on a port of their own.
func lookupAt5353() []*flowpb.Flow {
	server := worlds.Pod("openshift-dns", "default", "10.0.9.1", "dns.operator.openshift.io/daemonset-dns=default")
	return append(toPay(), worlds.Seen(false, cart, server, worlds.UDP(40000, 5353), worlds.DNS("pay.example.net")))
}

// searchList lets through what a resolver asks for before a name of three labels.
const searchList = `{matchPattern: "*.*.*.cluster.local"}, {matchPattern: "*.*.*.*.cluster.local"}, {matchPattern: "*.*.*.*.*.cluster.local"}`

// payAnd is payOnly with the rule by which the agent learns the name.
func payAnd(names string) string {
	return fmt.Sprintf(`egress: [{toEndpoints: [{matchLabels: {k8s-app: kube-dns, "k8s:io.kubernetes.pod.namespace": kube-system}}],
    toPorts: [{ports: [{port: "53", protocol: UDP}], rules: {dns: [%s]}}]}, %s`, names, strings.TrimPrefix(payOnly, "egress: ["))
}

func from(peer, ports string) string {
	return fmt.Sprintf("ingress: [{fromEndpoints: [{matchLabels: {%s}}], toPorts: [%s]}]", peer, ports)
}

const (
	port8080  = `{ports: [{port: "8080", protocol: TCP}]}`
	fromData  = `app: report, "k8s:io.kubernetes.pod.namespace": data`
	port9090  = `{ports: [{port: "9090", protocol: TCP}]}`
	items     = `{ports: [{port: "8080", protocol: TCP}], rules: {http: [{method: GET, path: '^/items(\?.*)?$'}]}}`
	health    = `{ports: [{port: "8080", protocol: TCP}], rules: {http: [{method: GET, path: ^/health$}]}}`
	denyOther = `ingressDeny: [{fromEndpoints: [{matchLabels: {app: other}}], toPorts: [{ports: [{port: "1", protocol: TCP}]}]}]`
	payOnly   = `egress: [{toFQDNs: [{matchName: pay.example.net}], toPorts: [{ports: [{port: "443", protocol: TCP}]}]}]`
)

func plants() []plant {
	tooMany := strings.Repeat(`{port: "8080", protocol: TCP}, `, 41)
	fromReport := []*flowpb.Flow{worlds.Dropped(true, report, cart, worlds.TCP(9090))}
	from6 := []*flowpb.Flow{worlds.Dropped(true, outside6, cart, worlds.TCP(8080))}
	everyRequest := strings.Replace(items, "method: GET, path", "method: '.*', path: '.*'}, {method: GET, path", 1)
	return []plant{
		{"right", fromWeb(), "", from("app: web", port8080), false, ""},
		{"right-l7", requestOfWeb(), "", from("app: web", items), true, ""},
		{"right-names", toPay(), "", payAnd("{matchName: pay.example.net}"), true, ""},
		{"right-lookup", lookup(), "", payAnd("{matchName: pay.example.net}, " + searchList), true, ""},
		{"unknown-field", fromWeb(), "", from("app: web", port8080) + "\n  colour: red", false, "rejected"},
		{"too-large", fromWeb(), "", from("app: web", port8080) + "\n  description: " + strings.Repeat("x", 1600000), false, "rejected"},
		{"list-too-long", fromWeb(), "", from("app: web", `{ports: [`+tooMany+`]}`), false, "rejected"},
		{"agent-refuses", fromWeb(), "", from(strings.Repeat("a", 60)+": web", port8080), false, "rejected"},
		{"missing", fromWeb(), "", from("app: web", port9090), false, "left denied"},
		{"empty-rule", fromWeb(), "", "ingress: [{}]", false, "left denied"},
		{"no-namespace", fromReport, "", from("app: report", port9090), false, "left denied"},
		{"no-query", requestOfWeb(), "", from("app: web", strings.Replace(items, `(\?.*)?`, "", 1)), true, "left denied"},
		{"no-companion", toPay(), "", payOnly, true, "left denied"},
		{"every-pod", fromWeb(), "", from("", port8080), false, "opened"},
		{"every-port", fromWeb(), "", from("app: web", `{ports: [{port: "0", protocol: TCP}]}`), false, "opened"},
		{"one-port-more", fromWeb(), "", from("app: web", port8080+", "+port9090), false, "opened"},
		{"half-the-world", from6, "", `ingress: [{fromCIDR: ["2001:db8::1/32"], toPorts: [` + port8080 + `]}]`, false, "opened"},
		{"answers", answerToWeb(), "", from("app: web", port8080), false, "opened"},
		{"open-beside-requests", requestOfWeb(), "", from("app: web", port8080), true, "opened"},
		{"every-request", requestOfWeb(), "", from("app: web", everyRequest), true, "opened"},
		{"every-lookup", lookup(), "", payAnd(`{matchPattern: "*"}`), true, "opened"},
		{"no-search-list", lookup(), "", payAnd("{matchName: pay.example.net}"), true, "left denied"},
		{"other-server", lookupAt5353(), "", payAnd("{matchName: pay.example.net}, " + searchList), true, "left denied"},
		{"other-lookup", lookup(), "", payAnd("{matchName: api.example.com}"), true, "left denied"},
		{"rule-lost", fromWeb(), from(fromData, port9090), from("app: web", port8080), false, "narrowed"},
		{"deny-lost", fromWeb(), denyOther, from("app: other", `{ports: [{port: "1", protocol: TCP}]}`), false, "narrowed"},
		{"filter-void", fromWeb(), from("app: web", health), from("app: web", health+", "+port8080), false, "narrowed"},
		{"filter-before-open", requestOfWeb(), from("app: web", port8080), from("app: web", items), true, "narrowed"},
		{"request-lost", requestOfWeb(), from("app: web", health), from("app: web", items), true, "narrowed"},
		{"default-deny", fromWeb(), "ingress: []\n  egress: [{}]\n  enableDefaultDeny: {egress: false}", "egress: [{}]", false, "narrowed"},
	}
}

// planted judges each planted fault, and has a cpg that fails seen as one.
func (r *run) planted() error {
	for _, p := range plants() {
		if err := r.checkPlant(p); err != nil {
			return fmt.Errorf("planted %s: %w", p.name, err)
		}
	}
	failing := *r
	failing.CPG = "false"
	found, err := failing.replay([]string{"none"}, r.Work, job{})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("a cpg that fails went unnoticed")
	}
	return err
}

func (r *run) checkPlant(p plant) error {
	folder := filepath.Join(r.Work, "planted-"+p.name)
	lines, err := worlds.Lines(p.flows)
	if err != nil {
		return err
	}
	files := map[string]string{"capture.jsonl": string(lines), "after/shop/cart.yaml": policy(p.spec)}
	c := judge.Case{Folder: filepath.Join(folder, "after"), Capture: filepath.Join(folder, "capture.jsonl"), L7: p.l7}
	if p.before != "" {
		c.Before = filepath.Join(folder, "before")
		files["before/shop/cart.yaml"] = policy(p.before)
	}
	if err := writeFiles(files, folder); err != nil {
		return err
	}
	got, err := judge.Judge(r.schema, c)
	if err != nil {
		return err
	}
	found := got.Findings()
	begins := func(text string) bool { return strings.HasPrefix(text, p.want) }
	if p.want == "" && len(found) > 0 || p.want != "" && !slices.ContainsFunc(found, begins) {
		return fmt.Errorf("want %q, found %q", p.want, found)
	}
	return os.RemoveAll(folder)
}

func policy(spec string) string {
	return `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: cpg-cart, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: cart}}
  ` + spec + "\n"
}
