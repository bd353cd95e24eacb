// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/file_rule.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "policy/rule_tree.hpp"

namespace cpg {

namespace {

bool is_wildcard(const tree& dns_entry) {
    return dns_entry.text_of("matchPattern") == "*";
}

// An HTTP entry with further members (host, headers) allows less than it seems.
bool http_entry_allows(const tree& entry, const l7_match& match) {
    return std::ranges::all_of(entry.members, [&](const tree::member& each) {
        return (each.first == "method" && each.second.scalar == match.method) ||
               (each.first == "path" && each.second.scalar == match.value);
    });
}

std::string_view without_dot(std::string_view name) {
    return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

bool matches_label(std::string_view pattern, std::string_view label) {
    if (pattern == "*") return true;
    if (pattern.empty() || label.empty())
        return pattern.find_first_not_of('*') == std::string_view::npos && label.empty();
    if (pattern.front() != '*')
        return pattern.front() == label.front() && matches_label(pattern.substr(1), label.substr(1));
    return matches_label(pattern.substr(1), label) || matches_label(pattern, label.substr(1));
}

// `*` stands for any characters of one label (cilium:pkg/fqdn/matchpattern); `**.`, which only 1.19 knows, is not
// relied on. Each star of a label can try every place: a few are all that a person writes.
bool matches_pattern(std::string_view pattern, std::string_view name) {
    constexpr std::ptrdiff_t most_stars = 6;
    const auto patterns = split(pattern, '.');
    const auto labels = split(name, '.');
    return std::ranges::equal(patterns, labels, [](std::string_view wanted, std::string_view label) {
        return std::ranges::count(wanted, '*') <= most_stars && matches_label(wanted, label);
    });
}

// Absent and without entries are one to Cilium; null is refused by the API server.
bool says_nothing(const tree* list) {
    return !list || (list->is_sequence() && list->items.empty());
}

bool filters(const tree* rules) {
    if (!rules || rules->members.size() != 1) return rules;
    const auto& [kind, list] = rules->members[0];
    const bool is_known = kind == "http" || kind == "dns" || kind == "kafka";
    return !is_known || !says_nothing(&list);
}

const tree* list_in(const tree& rules, std::string_view kind) {
    const tree* const list = rules.find(kind);
    return list && list->is_sequence() ? list : nullptr;
}

}  // namespace

bool names(const tree& dns_entry, std::string_view name) {
    if (is_wildcard(dns_entry)) return true;
    if (without_dot(lower(dns_entry.text_of("matchName"))) == name) return true;
    const std::string pattern = lower(dns_entry.text_of("matchPattern"));
    return !pattern.empty() && pattern.find("**") == std::string::npos && matches_pattern(without_dot(pattern), name);
}

port_rule::port_rule(const tree& of) : entry(&of), ports(of.find("ports")) {
    const tree* const rules = of.find("rules");
    const bool filtered = filters(rules);
    filters_requests = filtered && !rules->members.empty() && !rules->find("dns");
    if (of.members.size() != (rules ? 2u : 1u) || !of.find("ports")) return;
    if (!filtered) what = kind::plain;
    if (!filtered || rules->members.size() != 1) return;
    if ((matches_ = list_in(*rules, "http"))) what = kind::http;
    if (matches_ || !(matches_ = list_in(*rules, "dns"))) return;
    what = kind::dns;
    every_name = std::ranges::any_of(matches_->items, is_wildcard);
}

std::set<l7_match> port_rule::requests() const {
    std::set<l7_match> out;
    for (const tree& each : items_of(matches_)) {
        const auto text = [&](std::string_view name) { return std::string(each.text_of(name)); };
        if (what == kind::http)
            out.insert(l7_match::http(text("method"), text("path")));
        else if (each.find("matchName"))
            out.insert(l7_match::dns(text("matchName")));
        else if (is_domain_pattern(each.text_of("matchPattern")))
            out.insert(l7_match::dns(text("matchPattern")));
    }
    return out;
}

bool port_rule::allows(const l7_match& match) const {
    const bool http = match.kind == l7_kind::http;
    if (what != (http ? kind::http : kind::dns)) return false;
    return std::ranges::any_of(matches_->items, [&](const tree& each) {
        return http ? http_entry_allows(each, match) : names(each, match.value);
    });
}

file_rule::file_rule(const tree& rule) : node(&rule) {
    const tree* const to_ports = rule.find("toPorts");
    const tree* const to_icmps = rule.find("icmps");
    everything = says_nothing(to_ports) && says_nothing(to_icmps);
    for (const tree& entry : items_of(to_ports)) {
        const port_rule& added = ports.emplace_back(entry);
        if (added.is_open()) open_.add(added.ports);
        through_.add(added.ports);
    }
    for (const tree& entry : items_of(to_icmps))
        for (const tree& field : items_of(entry.find("fields")))
            if (const auto type = read_icmp(field)) icmps.insert(*type);
}

bool file_rule::allows(const port& port, const l7_match& match) const {
    return std::ranges::any_of(ports,
                               [&](const port_rule& each) { return each.ports.contains(port) && each.allows(match); });
}

}  // namespace cpg
