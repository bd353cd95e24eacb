// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a rule that is already there allows, read from its YAML. Only what is certain counts: an unknown member makes a
// rule allow nothing as far as cpg can tell. Pure; any thread.

#include <string>

#include "policy/policy.hpp"
#include "policy/tree.hpp"

namespace cpg {

/// True when the rule opens the port for the peers that it applies to: at L4, or for every DNS name.
bool opens_port(const tree& rule, const port& port);
bool opens_icmp(const tree& rule, const icmp& icmp);
/// True for an entry of toPorts that has nothing but a list of ports.
bool is_plain_port_rule(const tree& port_rule);
/// True when the entry of toPorts names this port: number, range, or all ports.
bool names_port(const tree& port_rule, const port& port);
/// True when the entry of toPorts has rules of this kind (`http`, `dns`) and nothing else that restricts.
bool is_l7_port_rule(const tree& port_rule, std::string_view kind);
/// True when an entry of the rule's toPorts that names the port lets this request or query through.
bool allows_match(const tree& rule, const port& port, const l7_match& match);

/// True when endpointSelector selects exactly these labels, whichever way the keys are written.
bool selects(const tree& spec, const selector& labels);
/// True when the policy document's specs that select the same pods allow all of `wanted`.
bool allows_all(const tree& document, const policy& wanted);

}  // namespace cpg
