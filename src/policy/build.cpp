// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/build.hpp"

#include <map>
#include <utility>

namespace cpg {

namespace {

bool is_icmp(l4_protocol protocol) {
    return protocol == l4_protocol::icmpv4 || protocol == l4_protocol::icmpv6;
}

void add(rule& to, const rule_key& key) {
    if (is_icmp(key.protocol))
        to.icmps.insert({.v6 = key.protocol == l4_protocol::icmpv6, .type = static_cast<std::uint8_t>(key.port)});
    else
        to.ports.insert({.number = key.port, .protocol = key.protocol});
}

}  // namespace

policy build_policy(std::string pod_namespace, std::string workload, selector endpoint_selector,
                    const std::vector<rule_key>& keys) {
    std::map<std::pair<direction, peer>, rule> rules;
    for (const rule_key& key : keys) {
        rule& target = rules[{key.direction, key.peer}];
        target.peer = key.peer;
        add(target, key);
    }
    policy out{.pod_namespace = std::move(pod_namespace),
               .workload = std::move(workload),
               .endpoint_selector = std::move(endpoint_selector),
               .ingress = {},
               .egress = {}};
    for (auto& [where, built] : rules)
        (where.first == direction::ingress ? out.ingress : out.egress).push_back(std::move(built));
    return out;
}

}  // namespace cpg
