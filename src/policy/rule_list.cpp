// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/rule_list.hpp"

#include <algorithm>
#include <utility>

#include "flow/address.hpp"
#include "policy/peer_cover.hpp"
#include "policy/rule_tree.hpp"

namespace cpg {

namespace {

// The members of a rule that say who, not what.
std::vector<const tree::member*> l3_members(const tree& rule) {
    std::vector<const tree::member*> out;
    for (const tree::member& member : rule.members)
        if (member.first != "toPorts" && member.first != "icmps") out.push_back(&member);
    return out;
}

std::string entry_key(const std::string& name, const tree& entry) {
    return name + ' ' + canonical(entry);
}

std::string label_key(std::string_view key, std::string_view value) {
    return std::string(key).append("=").append(value);
}

bool is_in(const peer_rules::rules& rules, const file_rule* rule) {
    return std::ranges::find(rules, rule) != rules.end();
}

}  // namespace

peer_rules::peer_rules(rules for_everybody, rules applying, rules exactly)
    : for_everybody_(std::move(for_everybody)), applying_(std::move(applying)), exactly_(std::move(exactly)) {}

template <class Says>
bool peer_rules::any_says(Says says) const {
    const auto each_says = [&](const file_rule* rule) { return says(*rule); };
    return std::ranges::any_of(for_everybody_, each_says) || std::ranges::any_of(applying_, each_says);
}

bool peer_rules::opens(const port& port) const {
    return any_says([&](const file_rule& each) { return each.opens(port); });
}

bool peer_rules::lets_through(const port& port) const {
    return any_says([&](const file_rule& each) { return each.lets_through(port); });
}

bool peer_rules::opens(const icmp& icmp) const {
    return any_says([&](const file_rule& each) { return each.opens(icmp); });
}

bool peer_rules::allows(const port& port, const l7_match& match) const {
    return any_says([&](const file_rule& each) { return each.allows(port, match); });
}

bool peer_rules::opened_only_by(const file_rule& rule, const port& port) const {
    return rule.opens(port) && !any_says([&](const file_rule& each) { return &each != &rule && each.opens(port); });
}

rule_list::rule_list(std::span<const tree* const> specs, direction direction, std::string_view pod_namespace,
                     std::map<peer, selector> further)
    : direction_(direction), pod_namespace_(pod_namespace), further_(std::move(further)) {
    for (const tree* const spec : specs)
        if (const tree* const list = spec->find(to_string(direction)))
            for (const tree& rule : list->items)
                add(all_.emplace_back(rule));
}

void rule_list::add(const file_rule& rule) {
    const auto members = l3_members(*rule.node);
    // `{}` only turns default deny on (cilium:pkg/policy/types, an absent L3 part counts beside an L4 part alone).
    if (!rule.node->members.empty() && members.empty()) for_everybody_.push_back(&rule);
    if (members.size() != 1) return;
    const auto& [name, entries] = *members[0];
    for (const tree& item : entries.items) {
        auto& rules = by_entry_[entry_key(name, item)];
        if (rules.empty() || rules.back() != &rule) rules.push_back(&rule);
        add_wide({.rule = &rule, .member = name, .item = &item});
    }
}

// What can take in more than it names.
void rule_list::add_wide(const entry& each) {
    if (each.member.ends_with("Endpoints")) {
        const auto label = telling_label(*each.item);
        if (label) return wide_by_label_[label_key(label->first, label->second)].push_back(each);
    } else if (each.member.ends_with("CIDR")) {
        const auto prefix = parse_cidr(each.item->scalar);
        if (!prefix || prefix->prefix_bits == (prefix->address.v6 ? 128U : 32U)) return;
    }
    wide_.push_back(each);
}

void rule_list::add_taking_in(peer_rules::rules& to, const peer& peer) const {
    const auto further = further_.find(peer);
    const known_peer known(peer, pod_namespace_, further == further_.end() ? selector{} : further->second);
    const auto add_from = [&](const std::vector<entry>& entries) {
        for (const entry& each : entries)
            if (!is_in(to, each.rule) && cover_of(each.member, *each.item, known) == cover::certain)
                to.push_back(each.rule);
    };
    add_from(wide_);
    for (const auto& [key, value] : known.labels)
        if (const auto found = wide_by_label_.find(label_key(key, value)); found != wide_by_label_.end())
            add_from(found->second);
}

// The rules that name all of the peer's entries, and perhaps more.
peer_rules::rules rule_list::naming(const peer& peer) const {
    const auto [name, wanted] = l3_member(direction_, peer);
    peer_rules::rules out;
    for (const tree& entry : wanted.items) {
        const auto found = by_entry_.find(entry_key(name, entry));
        if (found == by_entry_.end()) return {};
        if (&entry == wanted.items.data())
            out = found->second;
        else
            std::erase_if(out, [&](const file_rule* rule) { return !is_in(found->second, rule); });
    }
    return out;
}

peer_rules::rules rule_list::exactly(const peer_rules::rules& naming, const peer& peer) const {
    const std::string text = canonical(l3_member(direction_, peer).second);
    peer_rules::rules out;
    for (const file_rule* const each : naming)
        if (canonical(l3_members(*each->node)[0]->second) == text) out.push_back(each);
    return out;
}

const peer_rules& rule_list::of(const peer& peer) const {
    if (asked_ == peer) return *answer_;
    peer_rules::rules applying = naming(peer);
    peer_rules::rules exact = exactly(applying, peer);
    if (peer.names.size() <= 1) add_taking_in(applying, peer);
    answer_.emplace(for_everybody_, std::move(applying), std::move(exact));
    asked_ = peer;
    return *answer_;
}

}  // namespace cpg
