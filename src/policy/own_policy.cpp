// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/own_policy.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/text.hpp"
#include "policy/build.hpp"
#include "policy/document.hpp"
#include "policy/existing_rule.hpp"
#include "policy/policy_text.hpp"
#include "policy/rule_tree.hpp"

namespace cpg {

namespace {

selector read_selector(const tree& spec) {
    selector out;
    const tree* const found = spec.find("endpointSelector");
    const tree* const labels = found ? found->find("matchLabels") : nullptr;
    if (labels)
        for (const auto& [key, value] : labels->members)
            out.emplace_back(key, value.scalar);
    return out;
}

std::vector<rule> read_rules(const tree& spec, direction direction) {
    std::vector<rule> out;
    const tree* const list = spec.find(to_string(direction));
    if (!list) return out;
    for (const tree& item : list->items)
        if (const auto peer = read_peer(item)) out.push_back(read_rule(item, *peer));
    return out;
}

// The first document names and selects; further ones add their rules.
bool read_document(policy& to, const tree& document) {
    const policy_document said(document);
    if (!said.spec() || !said.name().starts_with(policy_name_prefix)) return false;
    const tree& spec = *said.spec();
    if (to.workload.empty()) {
        to.pod_namespace = std::string(said.pod_namespace());
        to.workload = std::string(said.workload());
        to.endpoint_selector = read_selector(spec);
        to.ingress_only_allows = only_allows(spec, direction::ingress);
        to.egress_only_allows = only_allows(spec, direction::egress);
    }
    std::ranges::move(read_rules(spec, direction::ingress), std::back_inserter(to.ingress));
    std::ranges::move(read_rules(spec, direction::egress), std::back_inserter(to.egress));
    return true;
}

policy rebuilt(const policy& read, const std::vector<rule_key>& keys, const name_service& names,
               const rule_shape& shape, const std::map<std::string, std::size_t>& seen_within) {
    return build_policy(read.pod_namespace, read.workload, read.endpoint_selector, keys, names, shape, seen_within);
}

// From the comments over rules with prefixes: `(6 of 8 addresses were seen)`.
std::map<std::string, std::size_t> read_seen(const policy& read, std::string_view text) {
    std::map<std::string, std::size_t> out;
    for (const auto* const rules : {&read.ingress, &read.egress})
        for (const rule& each : *rules) {
            if (each.peer.kind != peer_kind::cidr || std::ranges::none_of(each.peer.names, is_wide)) continue;
            const std::string after = " of " + address_count(each.peer.names) + " addresses were seen)";
            const std::size_t at = text.find(describe(each.peer) + " (");
            const std::size_t begin = at == std::string_view::npos ? at : at + describe(each.peer).size() + 2;
            const std::size_t end = begin == std::string_view::npos ? begin : text.find(after, begin);
            if (end == std::string_view::npos) continue;
            const auto seen = parse_unsigned(text.substr(begin, end - begin));
            for (const std::string& name : each.peer.names)
                if (seen) out[name] = *seen;
        }
    return out;
}

void add_domain(name_service& to, const std::string& pattern) {
    if (!is_domain_pattern(pattern)) return;
    const std::size_t stars = static_cast<std::size_t>(std::ranges::count(pattern, '*'));
    std::size_t& most = to.domains[pattern.substr(2 * stars)];
    most = std::max(most, stars);
}

// The rules to DNS servers, which have names and are not for names.
name_service read_names(const policy& read, std::string_view text) {
    name_service out;
    for (const rule& each : read.egress) {
        if (each.peer.kind == peer_kind::fqdn) continue;
        for (const l7_port& on : each.l7_ports) {
            if (!on.any_dns && (on.matches.empty() || on.matches.begin()->kind != l7_kind::dns)) continue;
            peer server = each.peer;
            if (server.kind == peer_kind::cidr) server.name = std::exchange(server.names, {}).front();
            out.servers.insert({.peer = std::move(server), .port = on.ports.begin()->number});
            out.queried |= !on.any_dns;
            for (const l7_match& match : on.matches)
                add_domain(out, match.value);
        }
    }
    if (out.servers.empty()) return out;
    out.by = told_by::workload;
    // The same for all of a policy.
    for (const told_by by : {told_by::its_namespace, told_by::its_cluster, told_by::nobody})
        if (text.find(told_text(by)) != std::string_view::npos) out.by = by;
    out.queried &= out.by == told_by::workload;
    return out;
}

bool is_open(const std::vector<rule>& rules, const peer& peer, const port& port) {
    return std::ranges::any_of(rules, [&](const rule& each) { return each.peer == peer && each.ports.contains(port); });
}

void add_refined(std::vector<std::string>& out, direction direction, const std::vector<rule>& own,
                 const std::vector<rule>& whole) {
    for (const rule& each : whole)
        for (const l7_port& limited : each.l7_ports)
            for (const port& on : limited.ports)
                if (!limited.any_dns && is_open(own, each.peer, on))
                    out.push_back(
                        comment_of(direction, {.peer = each.peer, .ports = {on}, .l7_ports = {}, .icmps = {}}));
}

}  // namespace

bool only_allows(const tree& spec, direction direction) {
    const tree* const said = spec.find("enableDefaultDeny");
    return said && said->text_of(to_string(direction)) == "false";
}

std::optional<policy> read_own_policy(std::string_view text, const std::vector<tree>& documents,
                                      const name_check& is_taken) {
    if (documents.empty()) return std::nullopt;
    policy read;
    for (const tree& document : documents)
        if (!read_document(read, document)) return std::nullopt;
    policy out = rebuilt(read, keys_of(read), read_names(read, text),
                         {.port_ranges = text.find("endPort:") != std::string_view::npos}, read_seen(read, text));
    if (policy_text(out, is_taken) != text) return std::nullopt;
    return out;
}

policy add_up(const policy& own, const policy& wanted) {
    std::vector<rule_key> keys = keys_of(own);
    std::ranges::move(keys_of(wanted), std::back_inserter(keys));
    rule_shape shape = wanted.shape;
    shape.port_ranges |= own.shape.port_ranges;
    std::map<std::string, std::size_t> seen = own.seen_within;
    for (const auto& [prefix, count] : wanted.seen_within)
        seen[prefix] = std::max(seen[prefix], count);
    policy out = rebuilt(wanted, keys, united(own.names, wanted.names), shape, seen);
    // A file keeps what it says of a direction that it has.
    out.ingress_only_allows = own.ingress_only_allows || (wanted.ingress_only_allows && own.ingress.empty());
    out.egress_only_allows = own.egress_only_allows || (wanted.egress_only_allows && own.egress.empty());
    return out;
}

std::vector<std::string> refined_ports(const policy& own, const policy& whole) {
    std::vector<std::string> out;
    add_refined(out, direction::ingress, own.ingress, whole.ingress);
    add_refined(out, direction::egress, own.egress, whole.egress);
    return out;
}

}  // namespace cpg
