// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/merge_rules.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "policy/existing_rule.hpp"
#include "policy/rule_tree.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

bool is_filled_list(const tree* tree) {
    return tree && tree->is_sequence() && !tree->items.empty();
}

template <class Value>
void insert_all(std::set<Value>& to, const std::set<Value>& from) {
    to.insert(from.begin(), from.end());
}

// What a rule says when both have been put into it.
rule united(rule a, const rule& b) {
    a.peer.names.insert(a.peer.names.end(), b.peer.names.begin(), b.peer.names.end());
    std::ranges::sort(a.peer.names);
    const auto repeated = std::ranges::unique(a.peer.names);
    a.peer.names.erase(repeated.begin(), repeated.end());
    insert_all(a.ports, b.ports);
    insert_all(a.icmps, b.icmps);
    for (const l7_port& each : b.l7_ports) {
        const auto found = std::ranges::find(a.l7_ports, each.ports, &l7_port::ports);
        if (found == a.l7_ports.end()) {
            a.l7_ports.push_back(each);
            continue;
        }
        insert_all(found->matches, each.matches);
        found->any_dns |= each.any_dns;
    }
    std::ranges::sort(a.l7_ports, {}, &l7_port::ports);
    return a;
}

rule only_peer(const peer& peer) {
    return {.peer = peer, .ports = {}, .l7_ports = {}, .icmps = {}};
}

}  // namespace

rule_merge::rule_merge(yaml_editor& editor, const tree& spec, direction direction, std::vector<std::string>& warnings)
    : editor_(editor),
      spec_(spec),
      direction_(direction),
      warnings_(warnings),
      list_(spec.find(to_string(direction))),
      rules_(list_, direction) {
    if (list_ && !list_->is_sequence() && !list_->is_null())
        throw yaml_error("'" + std::string(to_string(direction)) + "' is not a list");
}

void rule_merge::add(const std::vector<rule>& wanted) {
    for (const rule& each : wanted) {
        if (each.peer.kind == peer_kind::fqdn)
            add_names(each);
        else
            add_to_peer(each);
    }
    if (!new_rules_.empty()) write_new_rules();
    write_comments();
}

void rule_merge::add_to_peer(const rule& wanted) {
    std::set<port> ports;
    for (const port& each : wanted.ports)
        if (!rules_.opens_port(wanted.peer, each)) ports.insert(each);
    std::set<icmp> icmps;
    for (const icmp& each : wanted.icmps)
        if (!rules_.opens_icmp(wanted.peer, each)) icmps.insert(each);
    if (!ports.empty()) add_ports(wanted.peer, std::move(ports));
    for (const l7_port& each : wanted.l7_ports) {
        const l7_port lacking = lacking_l7(wanted.peer, each);
        if (!lacking.ports.empty()) add_l7(wanted.peer, lacking);
    }
    if (!icmps.empty()) add_icmps(wanted.peer, icmps);
}

// The rule of exactly this peer that has the member, to be extended; null when a new rule is due.
const tree* rule_merge::find_rule(const peer& peer, std::string_view member) const {
    const auto rules = rules_.exactly_of(peer);
    const auto found =
        std::ranges::find_if(rules, [&](const tree* rule) { return is_filled_list(rule->find(member)); });
    return found == rules.end() ? nullptr : *found;
}

void rule_merge::add_ports(const peer& peer, std::set<port> lacking) {
    rule added = only_peer(peer);
    added.ports = lacking;
    const tree* const target = find_rule(peer, "toPorts");
    if (!target) return add_rule(added);
    const rule before = read_rule(*target, peer);
    // A plain port beside DNS rules for it would void them; all names allow no less.
    if (open_all_names(editor_, *target, lacking)) {
        rule after = before;
        for (l7_port& each : after.l7_ports)
            if (std::erase_if(added.ports, [&](const port& wanted) { return each.ports.contains(wanted); }) > 0)
                each.any_dns = true;
        update_comment(*target, before, united(after, added));
    } else {
        update_comment(*target, before, united(before, added));
    }
    if (!added.ports.empty()) extend_ports(editor_, *target, added.ports);
}

void rule_merge::add_icmps(const peer& peer, const std::set<icmp>& lacking) {
    rule added = only_peer(peer);
    added.icmps = lacking;
    const tree* const target = find_rule(peer, "icmps");
    if (!target) return add_rule(added);
    const rule before = read_rule(*target, peer);
    update_comment(*target, before, united(before, added));
    extend_icmps(editor_, *target, lacking);
}

// A rule may be extended more than once; its comment is written once, at the end.
void rule_merge::update_comment(const tree& target, const rule& before, const rule& after) {
    const auto [found, is_first] = extended_.try_emplace(&target, before, after);
    if (!is_first) found->second.second = united(found->second.second, after);
}

void rule_merge::write_comments() {
    for (const auto& [target, says] : extended_)
        editor_.replace_comment(*target, comment_of(direction_, says.first), comment_of(direction_, says.second));
}

void rule_merge::add_rule(const rule& added) {
    const auto same_peer = std::ranges::find(new_rules_, added.peer, &rule::peer);
    if (same_peer == new_rules_.end() || added.peer.kind == peer_kind::fqdn)
        new_rules_.push_back(added);
    else
        *same_peer = united(*same_peer, added);
}

void rule_merge::write_new_rules() {
    std::vector<tree> items;
    for (const rule& each : new_rules_)
        for (tree& item : rule_trees(direction_, each))
            items.push_back(std::move(item));
    const std::string key(to_string(direction_));
    if (!list_) return editor_.add_member(spec_, {key, tree::list(std::move(items))});
    if (list_->items.empty()) return editor_.fill_member(spec_, key, tree::list(std::move(items)));
    for (tree& item : items)
        editor_.insert_item(*list_, list_->items.size(), std::move(item));
}

}  // namespace cpg
