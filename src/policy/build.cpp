// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/build.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "flow/address.hpp"
#include "policy/build_l7.hpp"
#include "policy/written_keys.hpp"

namespace cpg {

namespace {

using rules_by_peer = std::map<peer, rule>;
using seen_counts = std::map<std::string, std::size_t>;

bool is_icmp(l4_protocol protocol) {
    return protocol == l4_protocol::icmpv4 || protocol == l4_protocol::icmpv6;
}

void add(rule& to, const rule_key& key) {
    if (is_icmp(key.protocol))
        to.icmps.insert({.v6 = key.protocol == l4_protocol::icmpv6, .type = static_cast<std::uint8_t>(key.port)});
    else if (key.l7.kind == l7_kind::http)
        add_http(to, {.number = key.port, .protocol = key.protocol}, key.l7);
    else
        to.ports.insert({.number = key.port, .protocol = key.protocol});
}

// A port that is open at L4 would void the requests that are known for it.
void drop_voiding_ports(rule& rule) {
    for (const l7_port& each : rule.l7_ports)
        for (const port& voided : each.ports)
            rule.ports.erase(voided);
}

// As numbers, so that 10.0.0.2 stands before 10.0.0.10. Each is read once, not at each comparison.
using numeric_place = std::pair<address, unsigned>;

numeric_place numeric_place_of(const std::string& prefix) {
    const auto read = parse_cidr(prefix);
    return read ? numeric_place(read->address, read->prefix_bits) : numeric_place();
}

void sort_by_number(std::vector<std::string>& prefixes) {
    std::vector<std::pair<numeric_place, std::string>> placed;
    for (std::string& each : prefixes)
        placed.emplace_back(numeric_place_of(each), std::move(each));
    std::ranges::sort(placed);
    std::ranges::transform(placed, prefixes.begin(), [](auto& each) { return std::move(each.second); });
}

void sort_by_first_number(std::vector<rule>& rules) {
    std::vector<std::pair<numeric_place, std::size_t>> placed;
    for (const rule& each : rules)
        placed.emplace_back(numeric_place_of(each.peer.names.front()), placed.size());
    std::ranges::sort(placed);
    std::vector<rule> out;
    for (const auto& [place, at] : placed)
        out.push_back(std::move(rules[at]));
    rules = std::move(out);
}

// Each part of what an address may do: its ports, and its ICMP types, which are written as a rule of their own.
std::vector<rule> parts_of(const rule& whole) {
    rule ports = whole;
    rule icmps = whole;
    ports.icmps.clear();
    icmps.ports.clear();
    icmps.l7_ports.clear();
    std::vector<rule> out;
    if (!ports.ports.empty() || !ports.l7_ports.empty()) out.push_back(std::move(ports));
    if (!icmps.icmps.empty()) out.push_back(std::move(icmps));
    return out;
}

// Prefixes in place of many addresses. What an earlier run has put together stays so, and holds what lies in it.
void put_together(rule& addresses, const rule_shape& shape, const seen_counts& seen_within) {
    std::vector<std::string>& names = addresses.peer.names;
    const std::size_t most = shape.addresses.most_addresses;
    const auto hosts = static_cast<std::size_t>(std::ranges::count_if(names, std::not_fn(is_wide)));
    std::size_t seen = hosts;
    for (const std::string& each : names)
        if (const auto before = seen_within.find(each); before != seen_within.end())
            seen = std::max(seen, before->second);
    const bool was_together = hosts < names.size();
    names = most > 0 && (was_together || names.size() > most) ? covering_prefixes(names, shape.addresses)
                                                              : without_held(std::move(names));
    if (std::ranges::any_of(names, is_wide)) addresses.seen_addresses = seen;
}

// Addresses by what they may do: one rule for all that may do the same.
std::vector<rule> shared_rules(const std::vector<rule>& of_addresses, const rule_shape& shape,
                               const seen_counts& seen_within) {
    using content = std::pair<std::set<port>, std::set<icmp>>;
    std::map<content, rule> shared;
    std::vector<rule> out;
    for (const rule& whole : of_addresses)
        for (rule& part : parts_of(whole)) {
            std::string address = std::exchange(part.peer.name, {});
            if (!part.l7_ports.empty()) {
                part.peer.names = {std::move(address)};
                out.push_back(std::move(part));
                continue;
            }
            const content what{part.ports, part.icmps};
            shared.try_emplace(what, std::move(part)).first->second.peer.names.push_back(std::move(address));
        }
    for (auto& [what, each] : shared) {
        put_together(each, shape, seen_within);
        sort_by_number(each.peer.names);
        out.push_back(std::move(each));
    }
    sort_by_first_number(out);
    return out;
}

std::vector<rule> in_order(rules_by_peer& rules, const rule_shape& shape, const seen_counts& seen_within) {
    std::vector<rule> out;
    out.reserve(rules.size());  // A policy is kept for the whole session.
    std::vector<rule> addresses;
    for (auto& [peer, built] : rules) {
        drop_voiding_ports(built);
        (peer.kind == peer_kind::cidr ? addresses : out).push_back(std::move(built));
    }
    std::ranges::move(shared_rules(addresses, shape, seen_within), std::back_inserter(out));
    for (rule& each : out)
        each.port_ranges = shape.port_ranges;
    return out;
}

void add_rule_keys(std::vector<rule_key>& out, direction direction, const rule& one) {
    peer who = one.peer;
    if (who.kind == peer_kind::cidr) who.name = who.names.front();
    if (who.kind == peer_kind::cidr) who.names.clear();
    for (const port& each : one.ports)
        out.push_back({direction, who, each.protocol, each.number, {}});
    for (const icmp& each : one.icmps)
        out.push_back({direction, who, each.v6 ? l4_protocol::icmpv6 : l4_protocol::icmpv4, each.type, {}});
    for (const l7_port& each : one.l7_ports)
        for (const port& on : each.ports) {
            if (each.any_dns) out.push_back({direction, who, on.protocol, on.number, {}});
            for (const l7_match& match : each.matches)
                // The names of a companion are those of the toFQDNs rules.
                if (match.kind == l7_kind::http || who.kind == peer_kind::fqdn)
                    out.push_back({direction, who, on.protocol, on.number, match});
        }
}

}  // namespace

policy build_policy(std::string pod_namespace, std::string workload, selector endpoint_selector,
                    const std::vector<rule_key>& keys, const name_service& names, const rule_shape& shape,
                    const seen_counts& seen_within) {
    rules_by_peer ingress;
    rules_by_peer egress;
    const written_keys written(keys, names, pod_namespace, shape);
    name_service service = written.service();
    named_peers named(service);
    std::size_t too_many_names = 0;
    for (const rule_key& observed : keys) {
        const std::optional<rule_key> changed = written.changed(observed);
        const rule_key& key = changed ? *changed : observed;
        too_many_names += written.has_too_many_names(observed);
        if (key.peer.kind == peer_kind::fqdn) {
            named.add(key);
            continue;
        }
        rules_by_peer& rules = key.direction == direction::ingress ? ingress : egress;
        // The keys are mostly in order.
        rule& target = rules.try_emplace(rules.end(), key.peer)->second;
        target.peer = key.peer;
        add(target, key);
    }
    if (named.need_a_server()) add_companions(egress, named, service, pod_namespace);
    policy out{.pod_namespace = std::move(pod_namespace),
               .workload = std::move(workload),
               .endpoint_selector = std::move(endpoint_selector),
               .common_labels = {},
               .ingress = in_order(ingress, shape, seen_within),
               .egress = in_order(egress, shape, seen_within),
               .names = std::move(service),
               .shape = shape,
               .seen_within = {},
               .too_many_names = too_many_names};
    for (rule& built : named.rules()) {
        built.port_ranges = shape.port_ranges;
        out.egress.push_back(std::move(built));
    }
    for (const auto* const rules : {&out.ingress, &out.egress})
        for (const rule& each : *rules)
            if (each.seen_addresses > 0)
                for (const std::string& name : each.peer.names)
                    out.seen_within[name] = each.seen_addresses;
    return out;
}

std::vector<rule_key> keys_of(const policy& policy) {
    std::vector<rule_key> out;
    for (const auto& [direction, rules] :
         {std::pair(direction::ingress, &policy.ingress), std::pair(direction::egress, &policy.egress)})
        for (const rule& shared : *rules)
            for (const rule& one : one_rule_a_peer(shared))
                add_rule_keys(out, direction, one);
    return out;
}

}  // namespace cpg
