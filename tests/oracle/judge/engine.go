// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package judge

import (
	"fmt"

	"github.com/cilium/cilium/pkg/crypto/certificatemanager"
	"github.com/cilium/cilium/pkg/endpoint/regeneration"
	envoypolicy "github.com/cilium/cilium/pkg/envoy/policy"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	ipcachetypes "github.com/cilium/cilium/pkg/ipcache/types"
	"github.com/cilium/cilium/pkg/labelsfilter"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/policy/types"
	policyutils "github.com/cilium/cilium/pkg/policy/utils"
	"github.com/cilium/cilium/pkg/spanstat"
	"github.com/cilium/cilium/pkg/u8proto"
)

// Configure gives the engine the agent's defaults, but that the local host is not let in by itself: that would hide what a
// policy says.
func Configure() error {
	option.Config.EnableIPv4, option.Config.EnableIPv6 = true, true
	option.Config.EnableICMPRules, option.Config.EnableSCTP, option.Config.EnableL7Proxy = true, true, true
	option.Config.EnableNonDefaultDenyPolicies = true
	option.Config.AllowLocalhost = option.AllowLocalhostPolicy
	enforceAlways()
	return labelsfilter.ParseLabelPrefixCfg(quiet, nil, nil, "")
}

// enforceAlways puts every pod into default deny, in both directions.
func enforceAlways() { policy.SetPolicyEnabled(option.AlwaysEnforce) }

// enforceByPolicy leaves it to the policies which pods are in default deny.
func enforceByPolicy() { policy.SetPolicyEnabled(option.DefaultEnforcement) }

// engine resolves the policies of a folder as the agents of one cluster do.
type engine struct {
	repository *policy.Repository
	identities identitymanager.IDManager
	resolved   map[identity.NumericIdentity]*policy.EndpointPolicy
	unresolved []string
}

// emptyEngine has no policies yet, and knows these identities.
func emptyEngine(known identity.IdentityMap, cluster string) *engine {
	api.InitEntities(cluster) // what the entity `cluster` means
	translator := envoypolicy.NewEnvoyL7RulesTranslator(quiet, certificatemanager.NewMockSecretManagerInline())
	identities := identitymanager.NewIDManager(quiet)
	return &engine{
		repository: policy.NewPolicyRepository(quiet, known, noCertificates{}, translator, identities, noMetrics{}),
		identities: identities,
		resolved:   map[identity.NumericIdentity]*policy.EndpointPolicy{},
	}
}

func newEngine(census *Census, documents []*Document, cluster string) *engine {
	known := identity.IdentityMap{}
	for _, each := range census.all {
		known[each.ID] = each.Labels
	}
	e := emptyEngine(known, cluster)
	for _, document := range documents {
		rules, err := document.Rules(cluster)
		if err != nil {
			continue // not in force, and reported as rejected
		}
		resource := ipcachetypes.NewResourceID(ipcachetypes.ResourceKindCNP, document.Namespace, document.Name)
		e.repository.ReplaceByResource(policyutils.RulesToPolicyEntries(rules), resource)
	}
	return e
}

// of gives the policy map of a pod; nil where its policies contradict each other.
func (e *engine) of(pod *Identity) *policy.EndpointPolicy {
	if known, ok := e.resolved[pod.ID]; ok {
		return known
	}
	id := identity.NewIdentityFromLabelArray(pod.ID, pod.Labels)
	e.identities.Add(id)
	selected, _, err := e.repository.GetSelectorPolicy(id, 0, &noStatistics{}, uint64(pod.ID))
	var out *policy.EndpointPolicy
	if err != nil {
		e.unresolved = append(e.unresolved, fmt.Sprintf("the policies of %s: %v", pod, err))
	} else if selected != nil {
		out = selected.DistillPolicy(quiet, owner(pod.ID), redirects(selected, pod.ID))
		out.Ready()
	}
	e.resolved[pod.ID] = out
	return out
}

// redirects names a proxy port for each L7 filter; the engine leaves out the entries of those that have none.
func redirects(selected policy.SelectorPolicy, id identity.NumericIdentity) map[string]uint16 {
	const anyProxyPort = 10000
	out := map[string]uint16{}
	for filter, perSelector := range selected.RedirectFilters() {
		listener := perSelector.Policy.GetListener()
		out[policy.ProxyID(uint16(id), filter.Ingress, string(filter.Protocol), filter.Port, listener)] = anyProxyPort
	}
	return out
}

// question is what the datapath asks its policy map for a packet.
type question struct {
	ingress bool
	peer    identity.NumericIdentity
	proto   u8proto.U8proto
	port    uint16
}

func (q question) key() policy.Key {
	key := policy.EgressKey()
	if q.ingress {
		key = policy.IngressKey()
	}
	return key.WithIdentity(q.peer).WithPortProto(q.proto, q.port)
}

func (q question) direction() string {
	if q.ingress {
		return "<-"
	}
	return "->"
}

type state int

const (
	denied       state = iota // nothing allows it
	deniedByRule              // a deny rule says so
	open
	filtered // passes to the proxy, which decides by the L7 rules
)

// answer is the verdict on a packet, and what the proxy then goes by.
type answer struct {
	state state
	rules []api.L7Rules
	proxy bool // the packet passes the proxy, also where every request may
}

func (a answer) passes() bool { return a.state == open || a.state == filtered }

func (e *engine) ask(subject *Identity, q question) answer {
	resolved := e.of(subject)
	if resolved == nil {
		return answer{}
	}
	entry, _, found := resolved.Lookup(q.key())
	switch {
	case !found:
		return answer{}
	case entry.IsDeny():
		return answer{state: deniedByRule}
	case !entry.IsRedirectEntry():
		return answer{state: open}
	}
	out := filterOf(resolved, q)
	out.proxy = true
	return out
}

// What the engine needs of an agent, and what a judgement has no use for.
type (
	noCertificates struct {
		certificatemanager.CertificateManager
	}
	noMetrics    struct{}
	noStatistics struct{ waiting, calculation spanstat.SpanStat }
	owner        uint64
)

func (noMetrics) AddRule(types.PolicyEntry) {}
func (noMetrics) DelRule(types.PolicyEntry) {}

func (s *noStatistics) WaitingForPolicyRepository() *spanstat.SpanStat { return &s.waiting }
func (s *noStatistics) SelectorPolicyCalculation() *spanstat.SpanStat  { return &s.calculation }

func (o owner) GetID() uint64                                   { return uint64(o) }
func (owner) GetNamedPort(bool, string, u8proto.U8proto) uint16 { return 0 }
func (owner) PolicyDebug(string, ...any)                        {}
func (owner) IsHost() bool                                      { return false }
func (owner) PreviousMapState() *policy.MapState                { return nil }
func (owner) RegenerateIfAlive(*regeneration.ExternalRegenerationMetadata) <-chan bool {
	done := make(chan bool)
	close(done)
	return done
}
