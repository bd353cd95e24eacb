// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Rules as they stand in a CiliumNetworkPolicy (cilium:pkg/policy/api), and the sentence above each. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "policy/policy.hpp"
#include "policy/tree.hpp"
#include "policy/yaml.hpp"

namespace cpg {

/// `matchLabels` and the labels.
tree labels_tree(const selector& labels);
/// The one L3 member of a rule: `fromEndpoints`, `toCIDR`, … with its list.
tree::member l3_member(direction direction, const peer& peer);
/// `- port: "8080"` and its protocol.
tree port_tree(const port& port);
tree icmp_tree(const icmp& icmp);
/// A list of ports, as it stands in an entry of `toPorts`.
tree port_list(const std::set<port>& ports);
/// An entry of `rules.http` or `rules.dns`.
tree match_tree(const l7_match& match);
/// True for `*.cluster.local` and its like: a name of which the first labels may be anything.
bool is_domain_pattern(std::string_view name);
/// What the comment over a rule to a DNS server says where the workload's own flows do not tell that it is one.
std::string_view told_text(told_by by);
/// `matchPattern: "*"`.
tree any_dns_tree();
/// The entries of `toPorts` for these ports, at most 40 in each. `in_ranges`: runs of at least four as `endPort`.
std::vector<tree> port_rules(const std::set<port>& ports, bool in_ranges = false);
/// The entries of `toPorts` that have L7 rules, at most 40 requests or names in each.
std::vector<tree> l7_port_rules(const std::vector<l7_port>& ports);
/// The entries of `icmps`, at most 40 fields in each.
std::vector<tree> icmp_rules(const std::set<icmp>& icmps);
/// The entries of `ingress` or `egress` for one peer: one for its ports, one for its ICMP types; each with a comment.
std::vector<printed_item> rule_trees(direction direction, const rule& rule);

/// `TCP/8080, UDP/53 from app=frontend`.
std::string comment_of(direction direction, const rule& rule);

}  // namespace cpg
