// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A rule of a file that is to be extended: what it says, and adding ports and ICMP types to its lists. One thread at a
// time.

#include <optional>
#include <set>

#include "policy/file_rule.hpp"
#include "policy/policy.hpp"
#include "policy/tree.hpp"
#include "policy/yaml_editor.hpp"

namespace cpg {

/// Who the rule is for, when it has one L3 member of a kind that cpg writes: one selector, one entity, addresses, or
/// names.
std::optional<peer> read_peer(const tree& rule);
/// What the rule's lists say, as far as cpg would have written it; for comparing its comment.
rule read_rule(const tree& rule, const peer& peer);

/// Adds the ports to the first plain list of the rule's `toPorts` that has room, each in its place where the list is
/// sorted; what does not fit makes new lists.
void extend_ports(yaml_editor& editor, const tree& rule, const std::set<port>& ports);
/// The entry with rules of this kind for exactly these ports and room for `count` more; or null.
const port_rule* find_l7_entry(const file_rule& rule, const std::set<port>& ports, l7_kind kind, std::size_t count);
/// The entry with DNS rules that has a list of ports with this number, over TCP or UDP alone, and nothing unusual in
/// it; or null. One for any protocol would let a name through over SCTP too, which nobody asked for.
const port_rule* find_dns_entry(const file_rule& rule, std::uint16_t number);
/// Adds requests or names to an entry found so.
void extend_l7(yaml_editor& editor, const port_rule& entry, const std::set<l7_match>& matches);
/// Puts the port under the filter of an entry found so.
void add_filtered_port(yaml_editor& editor, const port_rule& entry, const port& port);
void extend_icmps(yaml_editor& editor, const tree& rule, const std::set<icmp>& icmps);

}  // namespace cpg
