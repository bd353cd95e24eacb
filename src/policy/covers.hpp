// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a rule that is already there allows, read from its YAML. Only what is certain counts: an unknown member makes a
// rule allow nothing as far as cpg can tell. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
/// True when some entry of the rule's toPorts names the port, with or without a filter behind it: the packet gets
/// through at L4, and a plain port beside the entry would void its filter.
bool lets_through(const tree& rule, const port& port);
/// True when the entry of toPorts has rules of this kind (`http`, `dns`) and nothing else that restricts.
bool is_l7_port_rule(const tree& port_rule, std::string_view kind);
/// True when an entry of the rule's toPorts that names the port lets this request or query through.
bool allows_match(const tree& rule, const port& port, const l7_match& match);

/// True when the spec is the workload's: its endpointSelector means the policy's, whichever way it is written, or has
/// further labels that every pod seen of the workload has.
bool selects(const tree& spec, const policy& wanted);
/// The labels that an endpointSelector asks for: bare keys, sorted, without the policy's own namespace, `In` with one
/// value as a label. Nothing when it asks for anything else.
std::optional<selector> selected_labels(const tree& spec, std::string_view pod_namespace);
/// Appends the specs of a policy document that are the workload's. They refer to the document.
void add_specs_of(std::vector<const tree*>& to, const tree& document, const policy& wanted);
/// True when the policy document's specs that select the same pods allow all of `wanted` together.
bool allows_all(const tree& document, const policy& wanted);

}  // namespace cpg
