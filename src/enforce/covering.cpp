// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/covering.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cpg {

namespace {

// The more is asked for, the fewer are selected.
bool covers(const label_selector& outer, const label_selector& inner) {
    const auto& wanted = inner.requirements();
    return std::ranges::all_of(outer.requirements(), [&](const label_requirement& each) {
        return std::ranges::find_if(wanted, [&](const label_requirement& other) {
                   return other.key == each.key && other.how == each.how && other.values == each.values;
               }) != wanted.end();
    });
}

bool is_same(const cidr& a, const cidr& b) {
    return a.prefix_bits == b.prefix_bits && contains(a, b);
}

bool covers(const prefix_peer& outer, const prefix_peer& inner) {
    return contains(outer.prefix, inner.prefix) &&
           (outer.except.empty() ||
            (is_same(outer.prefix, inner.prefix) && std::ranges::equal(outer.except, inner.except, is_same)));
}

// Asked for every pair of rules, so nothing is written down to be compared.
bool covers(const peer_part& outer, const peer_part& inner) {
    const auto* const wide = std::get_if<label_selector>(&outer.who);
    if (wide && wide->is_wildcard()) return true;
    if (outer.who.index() != inner.who.index()) return false;
    if (wide) return covers(*wide, std::get<label_selector>(inner.who));
    if (const auto* const prefix = std::get_if<prefix_peer>(&outer.who))
        return covers(*prefix, std::get<prefix_peer>(inner.who));
    const auto* const name = std::get_if<name_pattern>(&outer.who);
    return name && lower(name->text()) == lower(std::get<name_pattern>(inner.who).text());
}

bool covers(const port_entry& outer, const port_entry& inner) {
    const bool protocols = std::ranges::all_of(inner.protocols, [&](l4_protocol each) {
        return std::ranges::find(outer.protocols, each) != outer.protocols.end();
    });
    if (!protocols || !outer.name.empty()) return protocols && outer.name == inner.name;
    if (outer.all || !inner.name.empty()) return outer.all;
    return !inner.all && outer.first <= inner.first && inner.last <= outer.last;
}

bool is_plain(const port_part& part) {
    return part.requests.kind == request_kind::any && part.proxy == open_question::none;
}

bool covers_peers(const judged_rule& outer, const judged_rule& inner) {
    if (outer.everybody) return !outer.every_port;
    return !inner.everybody && std::ranges::all_of(inner.peers, [&](const peer_part& each) {
        return std::ranges::any_of(outer.peers, [&](const peer_part& other) { return covers(other, each); });
    });
}

bool covers_entry(const judged_rule& outer, const port_entry& wanted) {
    return std::ranges::any_of(outer.ports, [&](const port_part& part) {
        return is_plain(part) &&
               std::ranges::any_of(part.ports, [&](const port_entry& each) { return covers(each, wanted); });
    });
}

// Filters are not compared: a rule with some covers nothing, and names are learned through those for DNS.
bool covers_ports(const judged_rule& outer, const judged_rule& inner) {
    const bool learns =
        std::ranges::any_of(inner.ports, [](const port_part& part) { return !part.requests.dns.empty(); });
    if (learns || outer.authentication != inner.authentication) return false;
    if (outer.every_port) return true;
    return !inner.every_port && std::ranges::all_of(inner.ports, [&](const port_part& part) {
        return std::ranges::all_of(part.ports, [&](const port_entry& each) { return covers_entry(outer, each); });
    });
}

bool says_something(const judged_rule& rule) {
    const bool ports =
        rule.every_port || std::ranges::any_of(rule.ports, [](const port_part& part) { return !part.ports.empty(); });
    return ports && (rule.everybody ? !rule.every_port : !rule.peers.empty());
}

}  // namespace

bool covers(const placed_rule& outer, const placed_rule& inner) {
    const judged_rule& wide = *outer.rule;
    const judged_rule& narrow = *inner.rule;
    if (wide.denies || narrow.denies || wide.direction != narrow.direction || !says_something(narrow)) return false;
    // The one that switches default deny on is needed for that.
    if (narrow.default_deny && !wide.default_deny) return false;
    // In the order of what they cost.
    return covers_ports(wide, narrow) &&
           covers(outer.policy->selectors[wide.selector], inner.policy->selectors[narrow.selector]) &&
           covers_peers(wide, narrow);
}

}  // namespace cpg
