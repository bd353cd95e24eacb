// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/rule_tree.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.hpp"

namespace cpg {

namespace {

constexpr std::size_t most_named_in_comment = 10;

std::string_view l3_name(direction direction, peer_kind kind) {
    const bool from = direction == direction::ingress;
    switch (kind) {
        case peer_kind::endpoint: return from ? "fromEndpoints" : "toEndpoints";
        case peer_kind::entity: return from ? "fromEntities" : "toEntities";
        case peer_kind::cidr: return from ? "fromCIDR" : "toCIDR";
        case peer_kind::fqdn: return "toFQDNs";
    }
    return {};
}

std::vector<tree> peer_list(const peer& peer) {
    if (peer.kind == peer_kind::endpoint) return {labels_tree(peer.labels)};
    if (peer.names.empty()) return {tree(peer.name)};
    std::vector<tree> names;
    for (const std::string& name : peer.names)
        names.push_back(peer.kind == peer_kind::fqdn ? tree::map({{"matchName", name}}) : tree(name));
    return names;
}

struct port_range {
    port first;
    std::uint16_t last = 0;

    auto operator<=>(const port_range&) const = default;
};

// In the order of the ports that they begin with. Only exact runs that are long enough are more than one port.
std::vector<port_range> ranges_of(const std::set<port>& ports, bool in_ranges) {
    std::vector<port_range> out;
    std::map<l4_protocol, std::size_t> runs;  // the last of each protocol
    for (const port& each : ports) {
        const auto run = in_ranges ? runs.find(each.protocol) : runs.end();
        if (run != runs.end() && out[run->second].last + 1 == each.number) {
            out[run->second].last = each.number;
            continue;
        }
        runs[each.protocol] = out.size();
        out.push_back({.first = each, .last = each.number});
    }
    std::vector<port_range> long_enough;
    for (const port_range& each : out) {
        const bool is_run = each.last - each.first.number + 1 >= least_range;
        for (unsigned number = each.first.number; number <= (is_run ? each.first.number : each.last); ++number) {
            const port first = {.number = static_cast<std::uint16_t>(number), .protocol = each.first.protocol};
            long_enough.push_back({.first = first, .last = is_run ? each.last : first.number});
        }
    }
    std::ranges::sort(long_enough);
    return long_enough;
}

tree range_tree(const port_range& range) {
    if (range.last == range.first.number) return port_tree(range.first);
    return tree::map({{"port", std::to_string(range.first.number)},
                      {"endPort", tree::number(range.last)},
                      {"protocol", std::string(to_string(range.first.protocol))}});
}

// Cuts a sorted list into lists that Cilium accepts.
template <class Entries, class MakeTree>
std::vector<tree> chunks(const Entries& entries, MakeTree make_tree, const char* name) {
    std::vector<tree> lists;
    std::vector<tree> current;
    for (const auto& entry : entries) {
        current.push_back(make_tree(entry));
        if (current.size() < most_list_entries) continue;
        lists.push_back(tree::of(tree::member(name, tree::list(std::exchange(current, {})))));
    }
    if (!current.empty()) lists.push_back(tree::of(tree::member(name, tree::list(std::move(current)))));
    return lists;
}

// The entries of `rules.dns` or `rules.http`.
std::vector<tree> l7_entries(const l7_port& l7_port) {
    if (l7_port.any_dns) return {any_dns_tree()};
    std::vector<tree> entries;
    for (const l7_match& match : l7_port.matches)
        entries.push_back(match_tree(match));
    return entries;
}

tree rule_item(direction direction, const peer& peer, const char* name, std::vector<tree> entries) {
    return tree::of(l3_member(direction, peer), tree::member(name, tree::list(std::move(entries))));
}

void add_up_to(std::vector<std::string>& out, std::string text) {
    if (out.size() < most_named_in_comment) out.push_back(std::move(text));
}

std::string list_with_rest(std::vector<std::string> named, std::size_t all) {
    const std::string out = join(named, ", ");
    return all > named.size() ? out + " and " + std::to_string(all - named.size()) + " more" : out;
}

std::string port_text(const port& port) {
    return std::string(to_string(port.protocol)) + "/" + std::to_string(port.number);
}

// Names below a domain are told once, after the others.
std::string dns_text(const std::set<l7_match>& matches) {
    std::vector<std::string> named;
    std::set<std::string> domains;
    std::size_t names = 0;
    for (const l7_match& match : matches) {
        if (is_domain_pattern(match.value)) {
            domains.insert(match.value.substr(match.value.rfind('*') + 2));
            continue;
        }
        ++names;
        add_up_to(named, "DNS " + match.value);
    }
    std::string out = list_with_rest(std::move(named), names);
    for (const std::string& domain : domains)
        out += (out.empty() ? "DNS below " : ", DNS below ") + domain;
    return out;
}

std::string l7_text(const l7_port& l7_port) {
    std::vector<std::string> ports;
    for (const port& each : l7_port.ports)
        ports.push_back(port_text(each));
    if (l7_port.any_dns) return join(ports, ", ") + " (DNS *)";
    if (!l7_port.matches.empty() && l7_port.matches.begin()->kind == l7_kind::dns)
        return join(ports, ", ") + " (" + dns_text(l7_port.matches) + ")";
    std::vector<std::string> matches;
    for (const l7_match& match : l7_port.matches)
        add_up_to(matches, "HTTP " + match.method + " " + match.value);
    return join(ports, ", ") + " (" + list_with_rest(std::move(matches), l7_port.matches.size()) + ")";
}

std::string what_is_allowed(const rule& rule) {
    std::vector<std::string> named;
    const std::vector<port_range> ranges = ranges_of(rule.ports, rule.port_ranges);
    for (const port_range& each : ranges)
        add_up_to(named, each.last > each.first.number ? port_text(each.first) + "-" + std::to_string(each.last)
                                                       : port_text(each.first));
    for (const l7_port& each : rule.l7_ports)
        add_up_to(named, l7_text(each));
    for (const icmp& each : rule.icmps)
        add_up_to(named, (each.v6 ? "ICMPv6/" : "ICMPv4/") + std::to_string(each.type));
    return list_with_rest(std::move(named), ranges.size() + rule.l7_ports.size() + rule.icmps.size());
}

}  // namespace

tree labels_tree(const selector& labels) {
    std::vector<tree::member> members;
    for (const auto& [key, value] : labels)
        members.emplace_back(key, value);
    return tree::of(tree::member("matchLabels", tree::map(std::move(members))));
}

tree::member l3_member(direction direction, const peer& peer) {
    return {std::string(l3_name(direction, peer.kind)), tree::list(peer_list(peer))};
}

tree port_tree(const port& port) {
    return tree::of(tree::member("port", std::to_string(port.number)),
                    tree::member("protocol", std::string(to_string(port.protocol))));
}

tree icmp_tree(const icmp& icmp) {
    return tree::map({{"family", icmp.v6 ? "IPv6" : "IPv4"}, {"type", tree::number(icmp.type)}});
}

std::vector<tree> port_rules(const std::set<port>& ports, bool in_ranges) {
    return chunks(ranges_of(ports, in_ranges), range_tree, "ports");
}

std::vector<tree> icmp_rules(const std::set<icmp>& icmps) {
    return chunks(icmps, icmp_tree, "fields");
}

tree match_tree(const l7_match& match) {
    if (match.kind == l7_kind::dns)
        return tree::map({{match.value.find('*') == std::string::npos ? "matchName" : "matchPattern", match.value}});
    return tree::of(tree::member("method", match.method), tree::member("path", match.value));
}

tree any_dns_tree() {
    return tree::map({{"matchPattern", "*"}});
}

tree port_list(const std::set<port>& ports) {
    std::vector<tree> list;
    for (const port& each : ports)
        list.push_back(port_tree(each));
    return tree::list(std::move(list));
}

std::vector<tree> l7_port_rules(const std::vector<l7_port>& ports) {
    std::vector<tree> out;
    for (const l7_port& each : ports) {
        const bool dns = each.any_dns || each.matches.begin()->kind == l7_kind::dns;
        std::vector<tree> entries = l7_entries(each);
        for (std::size_t at = 0; at < entries.size(); at += most_list_entries) {
            const auto first = entries.begin() + static_cast<std::ptrdiff_t>(at);
            const auto last = first + static_cast<std::ptrdiff_t>(std::min(most_list_entries, entries.size() - at));
            tree rules = tree::of(tree::member(dns ? "dns" : "http", tree::list({first, last})));
            out.push_back(
                tree::of(tree::member("ports", port_list(each.ports)), tree::member("rules", std::move(rules))));
        }
    }
    return out;
}

std::vector<printed_item> rule_trees(direction direction, const rule& source) {
    std::vector<printed_item> out;
    if (!source.ports.empty() || !source.l7_ports.empty()) {
        std::vector<tree> entries = port_rules(source.ports, source.port_ranges);
        for (tree& entry : l7_port_rules(source.l7_ports))
            entries.push_back(std::move(entry));
        rule ports_only = source;
        ports_only.icmps.clear();
        out.push_back(
            {rule_item(direction, source.peer, "toPorts", std::move(entries)), comment_of(direction, ports_only)});
    }
    if (!source.icmps.empty()) {
        const rule icmps_only{.peer = source.peer, .icmps = source.icmps};
        out.push_back(
            {rule_item(direction, source.peer, "icmps", icmp_rules(source.icmps)), comment_of(direction, icmps_only)});
    }
    return out;
}

bool is_domain_pattern(std::string_view name) {
    const std::size_t domain = name.find_first_not_of("*.");
    if (!name.starts_with("*.") || domain == std::string_view::npos || domain % 2 != 0) return false;
    for (std::size_t i = 0; i < domain; i += 2)
        if (name.substr(i, 2) != "*.") return false;
    return name.find('*', domain) == std::string_view::npos;
}

std::string_view told_text(told_by by) {
    switch (by) {
        case told_by::workload: return "";
        case told_by::its_namespace: return "; the DNS server of others in the namespace, for its own was not seen";
        case told_by::its_cluster: return "; the DNS server of others, for its own was not seen";
        case told_by::nobody: return "; the usual DNS server, for none was seen";
    }
    return "";
}

std::string comment_of(direction direction, const rule& rule) {
    std::string out =
        what_is_allowed(rule) + (direction == direction::ingress ? " from " : " to ") + describe(rule.peer);
    if (rule.seen_addresses > 0)
        out += " (" + std::to_string(rule.seen_addresses) + " of " + address_count(rule.peer.names) +
               " addresses were seen)";
    return out.append(told_text(rule.server_told_by));
}

}  // namespace cpg
