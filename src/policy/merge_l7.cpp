// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The part of rule_merge that adds requests and names.
#include <algorithm>

#include "policy/existing_rule.hpp"
#include "policy/merge_rules.hpp"
#include "policy/rule_tree.hpp"

namespace cpg {

namespace {

std::string port_text(const port& port) {
    return std::string(to_string(port.protocol)) + "/" + std::to_string(port.number);
}

peer named(const std::string& name) {
    return {.kind = peer_kind::fqdn, .labels = {}, .name = {}, .names = {name}};
}

}  // namespace

// What is lacking of the requests, on the ports that are not open at L4; no ports when nothing is.
l7_port rule_merge::lacking_l7(const peer& peer, const l7_port& wanted) {
    l7_port lacking{.ports = {}, .matches = {}, .any_dns = wanted.any_dns};
    for (const port& on : wanted.ports)
        for (const l7_match& match : wanted.matches)
            if (!rules_.allows_match(peer, on, match)) lacking.matches.insert(match);
    if (lacking.matches.empty() && !wanted.any_dns) return lacking;
    for (const port& on : wanted.ports) {
        if (!rules_.opens_port(peer, on))
            lacking.ports.insert(on);
        else if (!wanted.any_dns)
            warnings_.push_back(port_text(on) + " is open at L4 for " + describe(peer) +
                                " in the file: L7 rules were not added, for they would narrow it");
    }
    return lacking;
}

void rule_merge::add_l7(const peer& peer, const l7_port& lacking) {
    rule added{.peer = peer, .ports = {}, .l7_ports = {lacking}, .icmps = {}};
    const tree* const target = find_rule(peer, "toPorts");
    if (!target) return add_rule(added);
    const rule before = read_rule(*target, peer);
    update_comment(*target, before, [&] {
        rule after = before;
        const auto same = std::ranges::find(after.l7_ports, lacking.ports, &l7_port::ports);
        if (same == after.l7_ports.end()) return after.l7_ports.push_back(lacking), after;
        same->matches.insert(lacking.matches.begin(), lacking.matches.end());
        same->any_dns |= lacking.any_dns;
        return after;
    }());
    if (lacking.any_dns && open_all_names(editor_, *target, lacking.ports)) return;
    const l7_kind kind = lacking.any_dns ? l7_kind::dns : lacking.matches.begin()->kind;
    if (const tree* const entry = find_l7_entry(*target, lacking.ports, kind, lacking.matches.size()))
        return extend_l7(editor_, *entry, lacking.matches);
    const tree& to_ports = *target->find("toPorts");
    for (tree& entry : l7_port_rules(added.l7_ports))
        editor_.insert_item(to_ports, to_ports.items.size(), std::move(entry));
}

bool rule_merge::has_name(const std::string& name, const rule& wanted) const {
    const peer peer = named(name);
    const auto open = [&](const port& each) { return rules_.opens_port(peer, each); };
    if (!std::ranges::all_of(wanted.ports, open)) return false;
    const l7_match query{.kind = l7_kind::dns, .method = {}, .value = name};
    return std::ranges::all_of(wanted.l7_ports, [&](const l7_port& each) {
        return std::ranges::all_of(each.ports,
                                   [&](const port& on) { return open(on) || rules_.allows_match(peer, on, query); });
    });
}

// A rule for names with exactly these ports, which may take further names.
const tree* rule_merge::find_names_rule(const rule& wanted) const {
    if (!list_) return nullptr;
    const std::string plain_ports = canonical(tree::list(port_rules(wanted.ports)));
    const auto found = std::ranges::find_if(list_->items, [&](const tree& rule) {
        const tree* const names = rule.find("toFQDNs");
        const tree* const to_ports = rule.find("toPorts");
        if (rule.members.size() != 2 || !names || !names->is_sequence() || !to_ports) return false;
        if (wanted.l7_ports.empty()) return canonical(*to_ports) == plain_ports;
        return to_ports->items.size() == 1 &&
               find_l7_entry(rule, wanted.l7_ports[0].ports, l7_kind::dns, wanted.peer.names.size());
    });
    return found == list_->items.end() ? nullptr : &*found;
}

void rule_merge::add_names(const rule& wanted) {
    rule lacking = wanted;
    std::erase_if(lacking.peer.names, [&](const std::string& name) { return has_name(name, wanted); });
    if (lacking.peer.names.empty()) return;
    for (l7_port& each : lacking.l7_ports)
        std::erase_if(each.matches, [&](const l7_match& match) {
            return std::ranges::find(lacking.peer.names, match.value) == lacking.peer.names.end();
        });
    const tree* const target = find_names_rule(lacking);
    if (!target) return add_rule(lacking);
    const rule before = read_rule(*target, lacking.peer);
    rule after = before;
    const tree& names = *target->find("toFQDNs");
    for (const std::string& name : lacking.peer.names) {
        editor_.insert_item(names, names.items.size(), tree::map({{"matchName", name}}));
        after.peer.names.push_back(name);
    }
    std::ranges::sort(after.peer.names);
    if (!lacking.l7_ports.empty()) {
        const l7_port& queries = lacking.l7_ports[0];
        extend_l7(editor_, *find_l7_entry(*target, queries.ports, l7_kind::dns, queries.matches.size()),
                  queries.matches);
        after.l7_ports[0].matches.insert(queries.matches.begin(), queries.matches.end());
    }
    update_comment(*target, before, after);
}

}  // namespace cpg
