// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/rule_reach.hpp"

#include <algorithm>

#include "report/rule_filter.hpp"

namespace cpg {

namespace {

// True when the text may match more than one path or method: then cpg has not written it.
bool is_pattern(std::string_view text) {
    if (text.starts_with('^')) text.remove_prefix(1);
    if (text.ends_with('$')) text.remove_suffix(1);
    constexpr std::string_view any_query = "(\\?.*)?";
    if (text.ends_with(any_query)) text.remove_suffix(any_query.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (std::string_view(".*+?()[]{}|^$").find(text[i]) != std::string_view::npos)
            return true;
    }
    return false;
}

bool may_be(std::string_view outer, std::string_view inner) {
    return outer.empty() || outer == inner || is_pattern(outer);
}

bool entry_lets_in(const port_rule& each, const rule_key& key) {
    const tree* const rules = each.entry->find("rules");
    const tree* const http = rules ? rules->find("http") : nullptr;
    return http && each.ports.contains({.number = key.port, .protocol = key.protocol}) &&
           std::ranges::any_of(http->items, [&](const tree& request) {
               return may_be(request.text_of("method"), key.l7.method) && may_be(request.text_of("path"), key.l7.value);
           });
}

bool lets_request_in(const file_rule& rule, const rule_key& key) {
    return rule.opens(port{.number = key.port, .protocol = key.protocol}) ||
           std::ranges::any_of(rule.ports, [&](const port_rule& each) { return entry_lets_in(each, key); });
}

}  // namespace

bool reaches(const tree& rule, const known_peer& peer) {
    bool for_everybody = !rule.members.empty();
    for (const auto& [name, value] : rule.members) {
        if (name == "toPorts" || name == "icmps") continue;
        for_everybody = false;
        for (const tree& entry : value.items)
            if (cover_of(name, entry, peer) != cover::no) return true;
    }
    return for_everybody;
}

bool lets_in(const file_rule& rule, const rule_key& key) {
    if (is_icmp(key))
        return rule.opens(icmp{.v6 = key.protocol == l4_protocol::icmpv6, .type = static_cast<std::uint8_t>(key.port)});
    // A name that the rule is for may be asked for: that is what the companion is there for. Which number a port by
    // name has only the pods know.
    if (key.l7.kind == l7_kind::dns) return true;
    if (std::ranges::any_of(rule.ports, [](const port_rule& each) { return each.ports.has_names(); })) return true;
    if (key.l7.kind == l7_kind::http) return lets_request_in(rule, key);
    return rule.lets_through({.number = key.port, .protocol = key.protocol});
}

bool may_match(const l7_match& outer, const l7_match& inner) {
    if (outer.kind != inner.kind) return outer.kind == l7_kind::none;
    return may_be(outer.method, inner.method) && (outer.value == inner.value || is_pattern(outer.value));
}

}  // namespace cpg
