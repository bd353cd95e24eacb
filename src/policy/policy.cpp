// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/policy.hpp"

#include <algorithm>

namespace cpg {

namespace {

// A query makes the name that it asks for known, and no other.
void keep_matches_of(rule& named, const std::string& name) {
    for (l7_port& each : named.l7_ports)
        std::erase_if(each.matches, [&](const l7_match& match) { return match.value != name; });
}

}  // namespace

std::vector<rule> one_rule_a_peer(const rule& shared) {
    if (shared.peer.names.empty()) return {shared};
    // There may be tens of thousands of names: none of the copies below has them all.
    rule nameless{.peer = {.kind = shared.peer.kind, .labels = {}, .name = {}, .names = {}},
                  .ports = shared.ports,
                  .l7_ports = shared.l7_ports,
                  .icmps = shared.icmps};
    std::vector<rule> out;
    out.reserve(shared.peer.names.size());
    for (const std::string& name : shared.peer.names) {
        rule& one = out.emplace_back(nameless);
        one.peer.names = {name};
        if (shared.peer.kind == peer_kind::fqdn) keep_matches_of(one, name);
    }
    return out;
}

}  // namespace cpg
