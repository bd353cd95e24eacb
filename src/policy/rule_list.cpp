// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/rule_list.hpp"

#include <algorithm>
#include <utility>

#include "policy/covers.hpp"
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

bool is_in(const std::vector<const tree*>& rules, const tree* rule) {
    return std::ranges::find(rules, rule) != rules.end();
}

}  // namespace

rule_list::rule_list(const tree* list, direction direction) : direction_(direction) {
    if (!list) return;
    for (const tree& rule : list->items) {
        const auto members = l3_members(rule);
        // `{}` only turns default deny on (cilium:pkg/policy/types, an absent L3 part counts beside an L4 part alone).
        if (!rule.members.empty() && members.empty()) for_everybody_.push_back(&rule);
        if (members.size() != 1) continue;
        for (const tree& entry : members[0]->second.items) {
            auto& rules = by_entry_[entry_key(members[0]->first, entry)];
            if (rules.empty() || rules.back() != &rule) rules.push_back(&rule);
        }
    }
}

// The rules that name all of the peer's entries, and perhaps more.
std::vector<const tree*> rule_list::applying_to(const peer& peer) const {
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

std::vector<const tree*> rule_list::exactly_of(const peer& peer) const {
    const auto [name, wanted] = l3_member(direction_, peer);
    const std::string text = canonical(wanted);
    std::vector<const tree*> out = applying_to(peer);
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
