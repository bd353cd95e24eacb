// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/covers.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "policy/rule_list.hpp"

namespace cpg {

namespace {

bool names_protocol(const tree& entry, l4_protocol protocol) {
    const std::string_view name = entry.text_of("protocol");
    return name.empty() || name == "ANY" || name == to_string(protocol);
}

bool names_number(const tree& entry, std::uint16_t number) {
    const auto first = parse_unsigned(entry.text_of("port"));
    if (!first) return false;
    // Port 0 is Cilium's "all ports" (cilium:pkg/policy/api/l4.go).
    if (*first == 0) return true;
    const auto last = parse_unsigned(entry.text_of("endPort"));
    return number == *first || (last && number >= *first && number <= *last);
}

bool names_icmp(const tree& field, const icmp& icmp) {
    const std::string_view family = field.text_of("family");
    const bool v6 = family == "IPv6";
    return v6 == icmp.v6 && parse_unsigned(field.text_of("type")) == std::uint64_t{icmp.type};
}

const std::vector<tree>& items_of(const tree* list) {
    static const std::vector<tree> none;
    return list ? list->items : none;
}

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

bool dns_entry_allows(const tree& entry, const l7_match& match) {
    return is_wildcard(entry) || lower(entry.text_of("matchName")) == match.value ||
           lower(entry.text_of("matchName")) == match.value + ".";
}

bool opens_all_names(const tree& port_rule) {
    return is_l7_port_rule(port_rule, "dns") &&
           std::ranges::any_of(port_rule.find("rules")->find("dns")->items, is_wildcard);
}

bool all_matches_allowed(const rule_list& rules, const peer& peer, const l7_port& wanted) {
    return std::ranges::all_of(wanted.ports, [&](const port& on) {
        if (rules.opens_port(peer, on)) return true;
        return !wanted.any_dns && std::ranges::all_of(wanted.matches, [&](const l7_match& match) {
            return rules.allows_match(peer, on, match);
        });
    });
}

bool is_allowed(const rule_list& rules, const rule& wanted) {
    const peer& peer = wanted.peer;
    return std::ranges::all_of(wanted.ports,
                               [&](const port& wanted_port) { return rules.opens_port(peer, wanted_port); }) &&
           std::ranges::all_of(wanted.icmps,
                               [&](const icmp& wanted_port) { return rules.opens_icmp(peer, wanted_port); }) &&
           std::ranges::all_of(wanted.l7_ports, [&](const l7_port& wanted_port) {
               return all_matches_allowed(rules, peer, wanted_port);
           });
}

bool all_allowed(const tree& spec, direction direction, const std::vector<rule>& wanted) {
    const rule_list rules(spec.find(to_string(direction)), direction);
    return std::ranges::all_of(wanted, [&](const rule& each) { return is_allowed(rules, each); });
}

bool entry_allows_match(const tree& port_rule, const l7_match& match) {
    const bool http = match.kind == l7_kind::http;
    const char* const kind = http ? "http" : "dns";
    if (!is_l7_port_rule(port_rule, kind)) return false;
    return std::ranges::any_of(port_rule.find("rules")->find(kind)->items, [&](const tree& entry) {
        return http ? http_entry_allows(entry, match) : dns_entry_allows(entry, match);
    });
}

}  // namespace

bool is_plain_port_rule(const tree& port_rule) {
    return port_rule.members.size() == 1 && port_rule.members[0].first == "ports";
}

bool is_l7_port_rule(const tree& port_rule, std::string_view kind) {
    const tree* const rules = port_rule.find("rules");
    return port_rule.members.size() == 2 && port_rule.find("ports") && rules && rules->members.size() == 1 &&
           rules->find(kind) && rules->find(kind)->is_sequence();
}

bool names_port(const tree& port_rule, const port& port) {
    return std::ranges::any_of(items_of(port_rule.find("ports")), [&](const tree& entry) {
        return names_protocol(entry, port.protocol) && names_number(entry, port.number);
    });
}

bool opens_port(const tree& rule, const port& port) {
    const tree* const to_ports = rule.find("toPorts");
    if (!to_ports) return !rule.find("icmps");
    return std::ranges::any_of(to_ports->items, [&](const tree& entry) {
        return (is_plain_port_rule(entry) || opens_all_names(entry)) && names_port(entry, port);
    });
}

bool opens_icmp(const tree& rule, const icmp& icmp) {
    const tree* const icmps = rule.find("icmps");
    if (!icmps) return !rule.find("toPorts");
    return std::ranges::any_of(icmps->items, [&](const tree& entry) {
        return std::ranges::any_of(items_of(entry.find("fields")),
                                   [&](const tree& field) { return names_icmp(field, icmp); });
    });
}

bool allows_match(const tree& rule, const port& port, const l7_match& match) {
    return std::ranges::any_of(items_of(rule.find("toPorts")), [&](const tree& entry) {
        return names_port(entry, port) && entry_allows_match(entry, match);
    });
}

bool selects(const tree& spec, const selector& labels) {
    const tree* const found = spec.find("endpointSelector");
    if (!found) return false;
    std::vector<tree::member> members;
    for (const auto& [key, value] : labels)
        members.emplace_back(key, value);
    return canonical(*found) == canonical(tree::map({{"matchLabels", tree::map(std::move(members))}}));
}

bool allows_all(const tree& document, const policy& wanted) {
    std::vector<const tree*> specs;
    if (const tree* const spec = document.find("spec")) specs.push_back(spec);
    for (const tree& spec : items_of(document.find("specs")))
        specs.push_back(&spec);
    return std::ranges::any_of(specs, [&](const tree* spec) {
        return selects(*spec, wanted.endpoint_selector) && all_allowed(*spec, direction::ingress, wanted.ingress) &&
               all_allowed(*spec, direction::egress, wanted.egress);
    });
}

}  // namespace cpg
