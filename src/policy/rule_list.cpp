// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/rule_list.hpp"

#include <algorithm>
#include <utility>

#include "flow/address.hpp"
#include "policy/covers.hpp"
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

bool is_in(const std::vector<const tree*>& rules, const tree* rule) {
    return std::ranges::find(rules, rule) != rules.end();
}

}  // namespace

rule_list::rule_list(std::span<const tree* const> specs, direction direction, std::string_view pod_namespace,
                     std::map<peer, selector> further)
    : direction_(direction), pod_namespace_(pod_namespace), further_(std::move(further)) {
    for (const tree* const spec : specs)
        if (const tree* const list = spec->find(to_string(direction)))
            for (const tree& rule : list->items)
                add(rule);
}

void rule_list::add(const tree& rule) {
    const auto members = l3_members(rule);
    // `{}` only turns default deny on (cilium:pkg/policy/types, an absent L3 part counts beside an L4 part alone).
    if (!rule.members.empty() && members.empty()) for_everybody_.push_back(&rule);
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

void rule_list::add_taking_in(std::vector<const tree*>& to, const peer& peer) const {
    const auto further = further_.find(peer);
    const known_peer known(peer, pod_namespace_, further == further_.end() ? selector{} : further->second);
    const auto add_from = [&](const std::vector<entry>& entries) {
        for (const entry& each : entries)
            if (!is_in(to, each.rule) && takes_in(each.member, *each.item, known)) to.push_back(each.rule);
    };
    add_from(wide_);
    for (const auto& [key, value] : known.labels)
        if (const auto found = wide_by_label_.find(label_key(key, value)); found != wide_by_label_.end())
            add_from(found->second);
}

// The rules that name all of the peer's entries, and perhaps more.
std::vector<const tree*> rule_list::naming(const peer& peer) const {
    const auto [name, wanted] = l3_member(direction_, peer);
    std::vector<const tree*> out;
    for (const tree& entry : wanted.items) {
        const auto found = by_entry_.find(entry_key(name, entry));
        if (found == by_entry_.end()) return {};
        if (&entry == wanted.items.data())
            out = found->second;
        else
            std::erase_if(out, [&](const tree* rule) { return !is_in(found->second, rule); });
    }
    return out;
}

const std::vector<const tree*>& rule_list::applying_to(const peer& peer) const {
    if (asked_ == peer) return applying_;
    applying_ = naming(peer);
    if (peer.names.size() <= 1) add_taking_in(applying_, peer);
    asked_ = peer;
    return applying_;
}

std::vector<const tree*> rule_list::exactly_of(const peer& peer) const {
    const auto [name, wanted] = l3_member(direction_, peer);
    const std::string text = canonical(wanted);
    std::vector<const tree*> out = naming(peer);
    std::erase_if(out, [&](const tree* rule) { return canonical(l3_members(*rule)[0]->second) != text; });
    return out;
}

bool rule_list::opens_port(const peer& peer, const port& port) const {
    const auto opens = [&](const tree* rule) { return cpg::opens_port(*rule, port); };
    return std::ranges::any_of(for_everybody_, opens) || std::ranges::any_of(applying_to(peer), opens);
}

bool rule_list::lets_through(const peer& peer, const port& port) const {
    const auto lets = [&](const tree* rule) { return cpg::lets_through(*rule, port); };
    return std::ranges::any_of(for_everybody_, lets) || std::ranges::any_of(applying_to(peer), lets);
}

bool rule_list::opens_icmp(const peer& peer, const icmp& icmp) const {
    const auto opens = [&](const tree* rule) { return cpg::opens_icmp(*rule, icmp); };
    return std::ranges::any_of(for_everybody_, opens) || std::ranges::any_of(applying_to(peer), opens);
}

bool rule_list::opened_only_by(const tree& rule, const peer& peer, const port& port) const {
    const auto opens = [&](const tree* each) { return cpg::opens_port(*each, port); };
    const auto others = [&](const tree* each) { return each != &rule && opens(each); };
    return opens(&rule) && std::ranges::none_of(for_everybody_, opens) &&
           std::ranges::none_of(applying_to(peer), others);
}

bool rule_list::allows_match(const peer& peer, const port& port, const l7_match& match) const {
    const auto allows = [&](const tree* rule) { return cpg::allows_match(*rule, port, match); };
    return std::ranges::any_of(for_everybody_, allows) || std::ranges::any_of(applying_to(peer), allows);
}

}  // namespace cpg
