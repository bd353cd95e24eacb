// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package runner

import (
	"os"
	"strconv"
	"strings"

	flowpb "github.com/cilium/cilium/api/v1/flow"
	"sigs.k8s.io/yaml"

	"oracle/worlds"
)

// wanted is a policy as a merge case gives it, read to make the flows of which cpg builds just that. Members that it does not
// know are an error: flows without them would test something else.
type wanted struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Labels    map[string]string `json:"labels"`
		Name      string            `json:"name"`
		Namespace string            `json:"namespace"`
	} `json:"metadata"`
	Spec struct {
		EndpointSelector selection    `json:"endpointSelector"`
		Ingress          []wantedRule `json:"ingress"`
		Egress           []wantedRule `json:"egress"`
	} `json:"spec"`
}

type selection struct {
	MatchLabels map[string]string `json:"matchLabels"`
}

type wantedRule struct {
	FromEndpoints []selection `json:"fromEndpoints"`
	ToEndpoints   []selection `json:"toEndpoints"`
	FromCIDR      []string    `json:"fromCIDR"`
	ToCIDR        []string    `json:"toCIDR"`
	FromEntities  []string    `json:"fromEntities"`
	ToEntities    []string    `json:"toEntities"`
	ToFQDNs       []struct {
		MatchName string `json:"matchName"`
	} `json:"toFQDNs"`
	ToPorts []portList `json:"toPorts"`
	ICMPs   []struct {
		Fields []struct {
			Family string `json:"family"`
			Type   uint32 `json:"type"`
		} `json:"fields"`
	} `json:"icmps"`
}

type portList struct {
	Ports []struct {
		Port     string `json:"port"`
		Protocol string `json:"protocol"`
	} `json:"ports"`
	Rules struct {
		HTTP []struct {
			Method string `json:"method"`
			Path   string `json:"path"`
		} `json:"http"`
		DNS []struct {
			MatchName    string `json:"matchName"`
			MatchPattern string `json:"matchPattern"` // all names: a drop of the port, not a record of a query
		} `json:"dns"`
	} `json:"rules"`
}

// records gives the requests that make the rules of this list; of a path as far as it is a literal.
func (list portList) records() []*flowpb.Layer7 {
	var out []*flowpb.Layer7
	for _, each := range list.Rules.HTTP {
		path := strings.NewReplacer("^", "", "$", "", `(\?.*)?`, "?q", `\`, "").Replace(each.Path)
		out = append(out, worlds.HTTP(each.Method, "http://x"+path))
	}
	for _, each := range list.Rules.DNS {
		if each.MatchName == "" {
			continue
		}
		out = append(out, worlds.DNS(each.MatchName))
	}
	return out
}

func transport(protocol, text string) *flowpb.Layer4 {
	number, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		panic(err) // cpg writes numbers
	}
	switch protocol {
	case "UDP":
		return worlds.UDP(40000, uint32(number))
	case "SCTP":
		return worlds.SCTP(uint32(number))
	}
	return worlds.TCP(uint32(number))
}

func readWanted(path string) (*wanted, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	out := &wanted{}
	return out, yaml.UnmarshalStrict(text, out)
}

// path is where cpg looks for the policy of that workload.
func (w *wanted) path() string {
	return w.Metadata.Namespace + "/" + strings.TrimPrefix(w.Metadata.Name, "cpg-") + ".yaml"
}

func (w *wanted) pod(selection selection, ip string) worlds.End {
	namespace := w.Metadata.Namespace
	var labels []string
	for key, value := range selection.MatchLabels {
		if key = strings.TrimPrefix(key, "k8s:"); key == "io.kubernetes.pod.namespace" {
			namespace = value
		} else {
			labels = append(labels, key+"="+value)
		}
	}
	return worlds.Pod(namespace, "default", ip, labels...)
}

// flows gives a drop for each peer and port, and with l7 the records besides.
func (w *wanted) flows(l7 bool) []*flowpb.Flow {
	subject := w.pod(w.Spec.EndpointSelector, "10.0.0.1")
	// Of the pods that the cases are about; a person may have selected them by more labels than cpg does.
	subject.Labels = append(subject.Labels, "k8s:app.kubernetes.io/instance=shop", "k8s:tier=web")
	var out []*flowpb.Flow
	for _, rule := range w.Spec.Ingress {
		for _, peer := range w.peers(rule) {
			out = append(out, rule.flows(true, peer, subject, l7)...)
		}
	}
	for _, rule := range w.Spec.Egress {
		for _, peer := range w.peers(rule) {
			out = append(out, rule.flows(false, subject, peer, l7)...)
		}
	}
	return out
}

func (w *wanted) peers(rule wantedRule) []worlds.End {
	var out []worlds.End
	for _, each := range append(rule.FromEndpoints, rule.ToEndpoints...) {
		out = append(out, w.pod(each, "10.0.0.2"))
	}
	for _, each := range append(rule.FromCIDR, rule.ToCIDR...) {
		ip, _, _ := strings.Cut(each, "/")
		out = append(out, worlds.Reserved(ip, "world"))
	}
	for _, each := range append(rule.FromEntities, rule.ToEntities...) {
		out = append(out, worlds.Reserved("172.18.0.2", each))
	}
	if len(rule.ToFQDNs) > 0 {
		out = append(out, worlds.Reserved("203.0.113.99", "world"))
	}
	return out
}

func (rule wantedRule) names() []string {
	var out []string
	for _, each := range rule.ToFQDNs {
		out = append(out, each.MatchName)
	}
	return out
}

func (rule wantedRule) flows(ingress bool, source, destination worlds.End, l7 bool) []*flowpb.Flow {
	var out []*flowpb.Flow
	for _, list := range rule.ICMPs {
		for _, each := range list.Fields {
			out = append(out, worlds.Dropped(ingress, source, destination, worlds.ICMP(each.Family, each.Type)))
		}
	}
	for _, list := range rule.ToPorts {
		for _, each := range list.Ports {
			l4 := transport(each.Protocol, each.Port)
			records := list.records()
			if len(records) == 0 {
				out = append(out, worlds.Dropped(ingress, source, destination, l4))
			}
			if l7 && each.Protocol == "TCP" && each.Port != "53" && len(records) == 0 {
				// Also where the case wants the port alone: a record must not take anything from what a person wrote.
				records = append(records, worlds.HTTP("GET", "http://x/asked/for"))
			}
			for _, record := range records {
				out = append(out, worlds.Seen(ingress, source, destination, l4, record))
			}
		}
	}
	for _, flow := range out {
		flow.DestinationNames = rule.names()
	}
	return out
}
