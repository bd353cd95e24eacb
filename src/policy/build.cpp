// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/build.hpp"

#include <map>
#include <utility>

#include "policy/build_l7.hpp"

namespace cpg {

namespace {

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

}  // namespace

policy build_policy(std::string pod_namespace, std::string workload, selector endpoint_selector,
                    const std::vector<rule_key>& keys) {
    std::map<peer, rule> ingress;
    std::map<peer, rule> egress;
    named_peers named;
    for (const rule_key& key : keys) {
        if (key.peer.kind == peer_kind::fqdn) {
            named.add(key);
            continue;
        }
        rule& target = (key.direction == direction::ingress ? ingress : egress)[key.peer];
        target.peer = key.peer;
        add(target, key);
    }
    for (std::map<peer, rule>* rules : {&ingress, &egress})
        for (auto& [peer, built] : *rules)
            drop_voiding_ports(built);
    if (!named.empty()) add_companion(egress, named, pod_namespace);
    policy out{.pod_namespace = std::move(pod_namespace),
               .workload = std::move(workload),
               .endpoint_selector = std::move(endpoint_selector),
               .ingress = {},
               .egress = {}};
    for (auto& [peer, built] : ingress)
        out.ingress.push_back(std::move(built));
    for (auto& [peer, built] : egress)
        out.egress.push_back(std::move(built));
    for (rule& built : named.rules())
        out.egress.push_back(std::move(built));
    return out;
}

}  // namespace cpg
