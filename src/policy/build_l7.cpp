// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/build_l7.hpp"

#include <algorithm>
#include <utility>

#include "request/cluster_domain.hpp"

namespace cpg {

namespace {

// With five dots a name is asked for as it is, before any search list (ndots:5, as the kubelet writes it).
constexpr std::size_t most_searched_labels = 5;
// What the search list puts between a name and the domain: a namespace and `svc`.
constexpr std::size_t searched_labels = 2;
// Names with more labels than that below the domain are nobody's.
constexpr std::size_t most_labels = 20;

std::set<l7_match> dns_matches(const std::set<std::string>& names) {
    std::set<l7_match> out;
    for (const std::string& name : names)
        out.insert(l7_match::dns(name));
    return out;
}

rule rule_for_names(std::vector<std::string> names) {
    return {.peer = peer::fqdn(std::move(names)), .ports = {}, .l7_ports = {}, .icmps = {}};
}

}  // namespace

std::set<port> dns_ports(std::uint16_t number) {
    return {{.number = number, .protocol = l4_protocol::tcp}, {.number = number, .protocol = l4_protocol::udp}};
}

void add_http(rule& to, const port& port, const l7_match& match) {
    const auto found =
        std::ranges::find_if(to.l7_ports, [&](const l7_port& each) { return each.ports.contains(port); });
    if (found != to.l7_ports.end()) {
        found->matches.insert(match);
        return;
    }
    to.l7_ports.push_back({.ports = {port}, .matches = {match}, .any_dns = false});
    std::ranges::sort(to.l7_ports, {}, &l7_port::ports);
}

name_service with_servers_of(const std::vector<rule_key>& keys, const name_service& names) {
    name_service shown{.by = told_by::workload};
    for (const rule_key& key : keys)
        if (auto server = server_asked(key)) shown.servers.insert(std::move(*server));
    return shown.servers.empty() ? names : united(names, shown);
}

named_peers::named_peers(const name_service& names) : domains_(names.domains), asked_within_(names.queried) {
    if (domains_.empty()) domains_.emplace(usual_cluster_domain, 0);
}

bool named_peers::need_a_server() const {
    return !asked_.empty() || !connected_.empty() ||
           std::ranges::any_of(domains_, [](const auto& each) { return each.second > 0; });
}

bool named_peers::add_within(const std::string& name) {
    bool within = false;
    for (auto& [domain, labels] : domains_) {
        if (!is_below(name, domain)) continue;
        within = true;
        labels = std::max(labels, std::min(most_labels, label_count(name) - label_count(domain)));
    }
    return within;
}

// The usual domain that an earlier run assumed goes where another one is told.
std::map<std::string, std::size_t> named_peers::domains() const {
    std::map<std::string, std::size_t> out = domains_;
    const auto usual = out.find(std::string(usual_cluster_domain));
    if (out.size() > 1 && usual != out.end() && usual->second <= searched_) out.erase(usual);
    for (auto& [domain, labels] : out)
        labels = std::max(labels, searched_);
    return out;
}

void named_peers::add(const rule_key& key) {
    for (const std::string& name : key.peer.names) {
        const bool is_query = key.l7.kind == l7_kind::dns;
        if (is_query && add_within(name)) {
            asked_within_ = true;
            continue;
        }
        if (label_count(name) <= most_searched_labels)
            searched_ = std::max(searched_, label_count(name) + searched_labels);
        if (is_query)
            asked_.insert(name);
        else
            connected_[name].insert({.number = key.port, .protocol = key.protocol});
    }
}

std::set<l7_match> named_peers::lookups() const {
    std::set<std::string> names = asked_;
    for (const auto& [name, ports] : connected_)
        names.insert(name);
    for (const auto& [domain, labels] : domains()) {
        std::string pattern = domain;
        for (std::size_t i = 0; i < labels; ++i)
            names.insert(pattern = "*." + pattern);
    }
    return dns_matches(names);
}

std::vector<rule> named_peers::rules() const {
    std::vector<rule> out;
    if (!asked_.empty()) {
        rule& queries = out.emplace_back(rule_for_names({asked_.begin(), asked_.end()}));
        queries.l7_ports.push_back({.ports = dns_ports(53), .matches = dns_matches(asked_), .any_dns = false});
    }
    std::map<std::set<port>, std::vector<std::string>> by_ports;
    for (const auto& [name, ports] : connected_)
        by_ports[ports].push_back(name);
    for (auto& [ports, names] : by_ports)
        out.emplace_back(rule_for_names(std::move(names))).ports = ports;
    return out;
}

void add_companions(std::map<peer, rule>& egress, const named_peers& named, name_service& service,
                    const std::string& pod_namespace) {
    if (service.servers.empty()) service.servers.insert(usual_dns_server(pod_namespace));
    service.domains = named.domains();
    service.queried = named.has_queries();
    for (const dns_server& server : service.servers) {
        const std::set<port> ports = dns_ports(server.port);
        rule& companion = egress[server.peer];
        companion.peer = server.peer;
        companion.server_told_by = service.by;
        const auto plain = std::erase_if(companion.ports, [&](const port& each) { return ports.contains(each); });
        // Requests of another kind on the same port make Cilium refuse the policy.
        std::erase_if(companion.l7_ports, [&](const l7_port& each) { return ports.contains(*each.ports.begin()); });
        companion.l7_ports.push_back(
            {.ports = ports, .matches = named.lookups(), .any_dns = plain > 0 && !named.has_queries()});
        std::ranges::sort(companion.l7_ports, {}, &l7_port::ports);
    }
}

}  // namespace cpg
