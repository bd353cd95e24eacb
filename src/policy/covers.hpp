// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a rule that is already there allows, read from its YAML. Only what is certain counts: an unknown member makes a
// rule allow nothing as far as cpg can tell. Pure; any thread.

#include <string>

#include "policy/policy.hpp"
#include "policy/tree.hpp"

namespace cpg {

/// True when the L3 part of the rule is exactly this peer's alone, so that the rule may be extended for it.
bool has_exactly_peer(const tree& rule, direction direction, const peer& peer);
/// True when the rule applies to the peer: it has no L3 part, or the peer is one of those that it names.
bool applies_to_peer(const tree& rule, direction direction, const peer& peer);
/// True when the rule opens the port for the peers that it applies to: at L4, or for every DNS name.
bool opens_port(const tree& rule, const port& port);
bool opens_icmp(const tree& rule, const icmp& icmp);
/// True for an entry of toPorts that has nothing but a list of ports.
bool is_plain_port_rule(const tree& port_rule);
/// True when the entry of toPorts names this port: number, range, or all ports.
bool names_port(const tree& port_rule, const port& port);
/// True when the entry of toPorts has rules of this kind (`http`, `dns`) and nothing else that restricts.
bool is_l7_port_rule(const tree& port_rule, std::string_view kind);
/// True when the rules of an entry, or an L4-open port, let this request or query through.
bool allows_match(const tree& port_rule, const l7_match& match);
/// True when one of the rules in the list (of `ingress` or `egress`) gives the peer the port.
bool list_opens_port(const tree* rules, direction direction, const peer& peer, const port& port);
bool list_allows_match(const tree* rules, direction direction, const peer& peer, const port& port,
                       const l7_match& match);
bool list_opens_icmp(const tree* rules, direction direction, const peer& peer, const icmp& icmp);

/// True when endpointSelector selects exactly these labels, whichever way the keys are written.
bool selects(const tree& spec, const selector& labels);
/// True when the policy document's specs that select the same pods allow all of `wanted`.
bool allows_all(const tree& document, const policy& wanted);

}  // namespace cpg
