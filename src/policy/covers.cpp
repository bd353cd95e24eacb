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

bool dns_entry_allows(const tree& entry, const l7_match& match) {
    if (is_wildcard(entry)) return true;
    if (without_dot(lower(entry.text_of("matchName"))) == match.value) return true;
    const std::string pattern = lower(entry.text_of("matchPattern"));
    return !pattern.empty() && pattern.find("**") == std::string::npos &&
           matches_pattern(without_dot(pattern), match.value);
}

bool opens_all_names(const tree& port_rule) {
    return is_l7_port_rule(port_rule, "dns") &&
           std::ranges::any_of(port_rule.find("rules")->find("dns")->items, is_wildcard);
}

bool all_matches_allowed(const rule_list& rules, const peer& peer, const l7_port& wanted) {
    // A name is learned only where the query passes DNS rules; a request needs none where the port is open.
    const auto allowed = [&](const port& on, const l7_match& match) {
        return rules.allows_match(peer, on, match) || (match.kind == l7_kind::http && rules.opens_port(peer, on));
    };
    return std::ranges::all_of(wanted.ports, [&](const port& on) {
        return (!wanted.any_dns || rules.lets_through(peer, on)) &&
               std::ranges::all_of(wanted.matches, [&](const l7_match& match) { return allowed(on, match); });
    });
}

bool is_allowed(const rule_list& rules, const rule& wanted) {
    const peer& peer = wanted.peer;
    return std::ranges::all_of(wanted.ports, [&](const port& each) { return rules.lets_through(peer, each); }) &&
           std::ranges::all_of(wanted.icmps, [&](const icmp& each) { return rules.opens_icmp(peer, each); }) &&
           std::ranges::all_of(wanted.l7_ports,
                               [&](const l7_port& each) { return all_matches_allowed(rules, peer, each); });
}

bool all_allowed(const std::vector<const tree*>& specs, direction direction, std::string_view pod_namespace,
                 const std::vector<rule>& wanted) {
    const rule_list rules(specs, direction, pod_namespace);
    return std::ranges::all_of(wanted, [&](const rule& each) {
        return std::ranges::all_of(one_rule_a_peer(each), [&](const rule& one) { return is_allowed(rules, one); });
    });
}

bool entry_allows_match(const tree& port_rule, const l7_match& match) {
    const bool http = match.kind == l7_kind::http;
    const char* const kind = http ? "http" : "dns";
    if (!is_l7_port_rule(port_rule, kind)) return false;
    return std::ranges::any_of(port_rule.find("rules")->find(kind)->items, [&](const tree& entry) {
        return http ? http_entry_allows(entry, match) : dns_entry_allows(entry, match);
    });
}

bool add_labels(selector& to, const tree& labels) {
    if (!labels.is_mapping()) return labels.is_null();
    for (const auto& [key, value] : labels.members)
        to.emplace_back(without_source(key), value.scalar);
    return true;
}

bool add_single(selector& to, const tree& expressions) {
    for (const tree& each : expressions.items) {
        const tree* const values = each.find("values");
        if (each.text_of("operator") != "In" || !values || values->items.size() != 1) return false;
        to.emplace_back(without_source(each.text_of("key")), values->items[0].scalar);
    }
    return true;
}

selector bare(const selector& labels) {
    selector out;
    for (const auto& [key, value] : labels)
        out.emplace_back(without_source(key), value);
    std::ranges::sort(out);
    return out;
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

bool lets_through(const tree& rule, const port& port) {
    const tree* const to_ports = rule.find("toPorts");
    if (!to_ports) return !rule.find("icmps");
    return std::ranges::any_of(to_ports->items, [&](const tree& entry) { return names_port(entry, port); });
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

std::optional<selector> selected_labels(const tree& spec, std::string_view pod_namespace) {
    const tree* const found = spec.find("endpointSelector");
    if (!found || !found->is_mapping()) return std::nullopt;
    selector out;
    for (const auto& [name, value] : found->members)
        if (!(name == "matchLabels" ? add_labels(out, value) : name == "matchExpressions" && add_single(out, value)))
            return std::nullopt;
    std::erase(out, std::pair<std::string, std::string>(namespace_label, pod_namespace));
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

bool selects(const tree& spec, const policy& wanted) {
    const std::optional<selector> labels = selected_labels(spec, wanted.pod_namespace);
    if (!labels || !std::ranges::includes(*labels, bare(wanted.endpoint_selector))) return false;
    return labels->size() == wanted.endpoint_selector.size() || std::ranges::includes(wanted.common_labels, *labels);
}

void add_specs_of(std::vector<const tree*>& to, const tree& document, const policy& wanted) {
    if (const tree* const spec = document.find("spec"); spec && selects(*spec, wanted)) to.push_back(spec);
    for (const tree& spec : items_of(document.find("specs")))
        if (selects(spec, wanted)) to.push_back(&spec);
}

bool allows_all(const tree& document, const policy& wanted) {
    std::vector<const tree*> specs;
    add_specs_of(specs, document, wanted);
    return !specs.empty() && all_allowed(specs, direction::ingress, wanted.pod_namespace, wanted.ingress) &&
           all_allowed(specs, direction::egress, wanted.pod_namespace, wanted.egress);
}

}  // namespace cpg
