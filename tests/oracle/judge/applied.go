// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package judge

import (
	"encoding/json"
	"fmt"

	"github.com/cilium/cilium/pkg/identity"
	ipcachetypes "github.com/cilium/cilium/pkg/ipcache/types"
	"github.com/cilium/cilium/pkg/k8s"
	crdclient "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/client"
	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	slim_networkingv1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/networking/v1"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/policy/types"
	policyutils "github.com/cilium/cilium/pkg/policy/utils"
	"github.com/cilium/cilium/pkg/u8proto"
	k8sjson "k8s.io/apimachinery/pkg/util/json"

	"oracle/capture"
)

// Schemas of the two kinds of Cilium's policies.
type Schemas struct{ namespaced, clusterwide *Schema }

// LoadSchemas takes the CRDs that the agent itself would register.
func LoadSchemas() (*Schemas, error) {
	namespaced, err := loadSchema(crdclient.CNPCRDName)
	if err != nil {
		return nil, err
	}
	clusterwide, err := loadSchema(crdclient.CCNPCRDName)
	return &Schemas{namespaced, clusterwide}, err
}

// Applied is a policy as the API server and the agent take it.
type Applied struct {
	kind, namespace, name string
	entries               types.PolicyEntries
	rules                 api.Rules
	Refused               string // why it is not in force
}

// Rules of Cilium's kinds.
func (a *Applied) Rules() api.Rules { return a.rules }

// In gives the same policy in another cluster.
func (a *Applied) In(object map[string]any, cluster string) *Applied {
	if a.Refused != "" {
		return a
	}
	return (&Schemas{}).apply(object, cluster, true)
}

// MatchesName tells whether the agent gives an address of this name the selector's label.
func MatchesName(selector api.FQDNSelector, name string) bool { return matchesName(selector, name) }

// Apply does what `kubectl apply` and then the agent would. A policy of which the operator makes another one is in force as
// that one, which nothing here makes.
func (s *Schemas) Apply(object map[string]any, cluster string) *Applied {
	return s.apply(object, cluster, false)
}

func (s *Schemas) apply(object map[string]any, cluster string, taken bool) *Applied {
	text, err := json.Marshal(object)
	if err != nil {
		panic(err) // of plain maps
	}
	api.InitEntities(cluster) // rules hold what the entity `cluster` means
	metadata, _ := object["metadata"].(map[string]any)
	out := &Applied{}
	out.kind, _ = object["kind"].(string)
	out.name, _ = metadata["name"].(string)
	out.namespace, _ = metadata["namespace"].(string)
	if out.kind == "NetworkPolicy" {
		out.applyKubernetes(text, cluster)
	} else {
		out.applyCilium(s, text, cluster, taken)
	}
	return out
}

func (a *Applied) applyCilium(s *Schemas, text []byte, cluster string, taken bool) {
	schema := s.namespaced
	if a.kind == ciliumv2.CCNPKindDefinition {
		schema = s.clusterwide
	}
	var object map[string]any
	if err := k8sjson.Unmarshal(text, &object); err != nil {
		a.Refused = err.Error()
		return
	}
	if !taken {
		if problems := schema.faults(object); len(problems) > 0 {
			a.Refused = "schema: " + problems[0].Error()
			return
		}
	}
	parsed := &ciliumv2.CiliumNetworkPolicy{}
	if err := json.Unmarshal(text, parsed); err != nil {
		a.Refused = byAgent + err.Error()
		return
	}
	if parsed.RequiresDerivative() {
		a.Refused = "the operator makes another policy of it"
		return
	}
	rules, err := (&Document{JSON: text}).Rules(cluster)
	if err != nil {
		a.Refused = byAgent + err.Error()
		return
	}
	a.rules, a.entries = rules, policyutils.RulesToPolicyEntries(rules)
}

// applyKubernetes takes only what an API server lets through; its defaults are put in.
func (a *Applied) applyKubernetes(text []byte, cluster string) {
	parsed := &slim_networkingv1.NetworkPolicy{}
	if err := json.Unmarshal(text, parsed); err != nil {
		a.Refused = err.Error()
		return
	}
	if len(parsed.Spec.PolicyTypes) == 0 {
		parsed.Spec.PolicyTypes = []slim_networkingv1.PolicyType{slim_networkingv1.PolicyTypeIngress}
		if len(parsed.Spec.Egress) > 0 {
			parsed.Spec.PolicyTypes = append(parsed.Spec.PolicyTypes, slim_networkingv1.PolicyTypeEgress)
		}
	}
	entries, err := k8s.ParseNetworkPolicy(quiet, cluster, parsed)
	if err != nil {
		a.Refused = err.Error()
		return
	}
	a.entries = entries
}

// Cluster resolves policies for identities that are all known before.
type Cluster struct {
	engine *engine
	ids    map[string]*Identity
}

// Everybody who takes part; NewCluster needs all of them.
type Everybody struct {
	ids  map[string]*Identity
	next int
}

func NewEverybody() *Everybody { return &Everybody{ids: map[string]*Identity{}} }

// Reserved adds an identity with the number that the agent knows it by.
func (e *Everybody) Reserved(number identity.NumericIdentity, array labels.LabelArray) {
	e.put(number, array)
}

// Add gives an identity to these labels.
func (e *Everybody) Add(array labels.LabelArray, pod bool) {
	first := firstAddress
	if pod {
		first = firstPod
	}
	e.put(identity.NumericIdentity(first+e.next), array)
}

func (e *Everybody) put(number identity.NumericIdentity, array labels.LabelArray) {
	array = array.Sort()
	key := array.String()
	if e.ids[key] == nil {
		e.next++
		e.ids[key] = &Identity{ID: number, Labels: array}
	}
}

// NewCluster puts policies in force. always: every pod is in default deny, in both directions.
func NewCluster(everybody *Everybody, policies []*Applied, cluster string, always bool) *Cluster {
	if always {
		enforceAlways()
	} else {
		enforceByPolicy()
	}
	known := identity.IdentityMap{}
	for _, each := range everybody.ids {
		known[each.ID] = each.Labels
	}
	e := emptyEngine(known, cluster)
	for _, each := range policies {
		if each.Refused == "" {
			resource := ipcachetypes.NewResourceID(ipcachetypes.ResourceKind(each.kind), each.namespace, each.name)
			e.repository.ReplaceByResource(each.entries, resource)
		}
	}
	return &Cluster{e, everybody.ids}
}

// Question is about one packet, and perhaps a request behind it.
type Question struct {
	Ingress       bool
	Subject, Peer labels.LabelArray
	Proto         u8proto.U8proto
	Port          uint16
	HTTP          *capture.Request
	Query         string
}

// Verdict of the engine. Unresolved: the agent has none; Open: it depends on what no flow shows.
type Verdict string

const (
	Allowed    Verdict = "allowed"
	Denied     Verdict = "denied"
	Unresolved Verdict = "unresolved"
	Open       Verdict = "open"
)

// Ask gives the verdict.
func (c *Cluster) Ask(q Question) Verdict {
	subject, peer := c.find(q.Subject), c.find(q.Peer)
	resolved := c.engine.of(subject)
	if resolved == nil {
		return Unresolved
	}
	asked := question{q.Ingress, peer.ID, q.Proto, q.Port}
	entry, _, found := resolved.Lookup(asked.key())
	if found && !entry.IsDeny() && entry.AuthRequirement.AuthType() != types.AuthTypeDisabled {
		return Open
	}
	answer := c.engine.ask(subject, asked)
	if !answer.passes() {
		return Denied
	}
	switch {
	case q.HTTP != nil && !answer.allowsRequest(*q.HTTP), q.Query != "" && !answer.allowsLookup(q.Query):
		return Denied
	}
	return Allowed
}

func (c *Cluster) find(array labels.LabelArray) *Identity {
	found := c.ids[array.Sort().String()]
	if found == nil {
		panic(fmt.Sprintf("an identity that the engine was not told of: %s", array))
	}
	return found
}
