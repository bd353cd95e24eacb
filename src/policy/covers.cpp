// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/covers.hpp"

#include <algorithm>
#include <vector>

#include "policy/document.hpp"
#include "policy/rule_list.hpp"

namespace cpg {

namespace {

bool all_matches_allowed(const peer_rules& those, const l7_port& wanted) {
    // A name is learned only where the query passes DNS rules; a request needs none where the port is open.
    const auto allowed = [&](const port& on, const l7_match& match) {
        return those.allows(on, match) || (match.kind == l7_kind::http && those.opens(on));
    };
    return std::ranges::all_of(wanted.ports, [&](const port& on) {
        return (!wanted.any_dns || those.lets_through(on)) &&
               std::ranges::all_of(wanted.matches, [&](const l7_match& match) { return allowed(on, match); });
    });
}

bool is_allowed(const peer_rules& those, const rule& wanted) {
    return std::ranges::all_of(wanted.ports, [&](const port& each) { return those.lets_through(each); }) &&
           std::ranges::all_of(wanted.icmps, [&](const icmp& each) { return those.opens(each); }) &&
           std::ranges::all_of(wanted.l7_ports, [&](const l7_port& each) { return all_matches_allowed(those, each); });
}

bool all_allowed(const std::vector<const tree*>& specs, direction direction, std::string_view pod_namespace,
                 const std::vector<rule>& wanted) {
    const rule_list rules(specs, direction, pod_namespace);
    return std::ranges::all_of(wanted, [&](const rule& each) {
        return std::ranges::all_of(one_rule_a_peer(each),
                                   [&](const rule& one) { return is_allowed(rules.of(one.peer), one); });
    });
}

}  // namespace

bool allows_all(const tree& document, const policy& wanted) {
    const std::vector<const tree*> specs = policy_document(document).specs_for(wanted);
    return !specs.empty() && all_allowed(specs, direction::ingress, wanted.pod_namespace, wanted.ingress) &&
           all_allowed(specs, direction::egress, wanted.pod_namespace, wanted.egress);
}

}  // namespace cpg
