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
    std::vector<rule> out;
    for (const std::string& name : shared.peer.names) {
        rule& one = out.emplace_back(shared);
        one.peer.names = {name};
        if (shared.peer.kind == peer_kind::fqdn) keep_matches_of(one, name);
    }
    return out;
}

}  // namespace cpg
