// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/build_l7.hpp"

#include <algorithm>

namespace cpg {

namespace {

constexpr std::string_view dns_namespace = "kube-system";

// The labels that CoreDNS has in every distribution that keeps kubeadm's.
peer kube_dns(const std::string& pod_namespace) {
    peer out{.kind = peer_kind::endpoint, .labels = {{"k8s-app", "kube-dns"}}, .name = {}, .names = {}};
    if (pod_namespace != dns_namespace) out.labels.emplace_back(namespace_label, dns_namespace);
    std::ranges::sort(out.labels);
    return out;
}

std::set<l7_match> dns_matches(const std::set<std::string>& names) {
    std::set<l7_match> out;
    for (const std::string& name : names)
        out.insert({.kind = l7_kind::dns, .method = {}, .value = name});
    return out;
}

rule rule_for_names(std::vector<std::string> names) {
    return {.peer = {.kind = peer_kind::fqdn, .labels = {}, .name = {}, .names = std::move(names)},
            .ports = {},
            .l7_ports = {},
            .icmps = {}};
}

}  // namespace

const std::set<port>& dns_ports() {
    static const std::set<port> ports = {{.number = 53, .protocol = l4_protocol::tcp},
                                         {.number = 53, .protocol = l4_protocol::udp}};
    return ports;
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

void named_peers::add(const rule_key& key) {
    for (const std::string& name : key.peer.names) {
        if (key.l7.kind == l7_kind::dns)
            asked_.insert(name);
        else
            connected_[name].insert({.number = key.port, .protocol = key.protocol});
    }
}

std::set<std::string> named_peers::names() const {
    std::set<std::string> out = asked_;
    for (const auto& [name, ports] : connected_)
        out.insert(name);
    return out;
}

std::vector<rule> named_peers::rules() const {
    std::vector<rule> out;
    if (!asked_.empty()) {
        rule& queries = out.emplace_back(rule_for_names({asked_.begin(), asked_.end()}));
        queries.l7_ports.push_back({.ports = dns_ports(), .matches = dns_matches(asked_), .any_dns = false});
    }
    std::map<std::set<port>, std::vector<std::string>> by_ports;
    for (const auto& [name, ports] : connected_)
        by_ports[ports].push_back(name);
    for (auto& [ports, names] : by_ports)
        out.emplace_back(rule_for_names(std::move(names))).ports = ports;
    return out;
}

void add_companion(std::map<peer, rule>& egress, const named_peers& named, const std::string& pod_namespace) {
    const peer server = kube_dns(pod_namespace);
    rule& companion = egress[server];
    companion.peer = server;
    const auto plain = std::erase_if(companion.ports, [](const port& each) { return dns_ports().contains(each); });
    companion.l7_ports.push_back(
        {.ports = dns_ports(), .matches = dns_matches(named.names()), .any_dns = plain > 0 && !named.has_queries()});
}

}  // namespace cpg
