// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "fuzz/wanted_rules.hpp"

#include <array>

#include "policy/build.hpp"

namespace cpg::fuzz {

namespace {

peer pods(selector labels) {
    return peer::endpoint(std::move(labels));
}

peer named(peer_kind kind, std::string name) {
    return {.kind = kind, .labels = {}, .name = std::move(name), .names = {}};
}

const std::array<peer, 8>& peers() {
    static const std::array<peer, 8> out = {
        pods({{"app", "frontend"}}),
        pods({{"app", "frontend"}, {"tier", "1.0"}}),
        pods({{"app", "true"}, {"io.kubernetes.pod.namespace", "jobs"}}),
        pods({{"io.kubernetes.pod.namespace", "kube-system"}, {"k8s-app", "kube-dns"}}),
        named(peer_kind::entity, "kube-apiserver"),
        named(peer_kind::cidr, "203.0.113.7/32"),
        named(peer_kind::cidr, "2001:db8::1/128"),
        peer::fqdn({"a.example"}),
    };
    return out;
}

void ask_for_port(rule_key& key, unsigned what) {
    constexpr std::array<std::uint16_t, 4> ports = {53, 80, 8080, 9090};
    key.protocol = what % 8 < 5 ? l4_protocol::tcp : what % 8 == 7 ? l4_protocol::sctp : l4_protocol::udp;
    key.port = ports[what / 8 % ports.size()];
}

// Names are asked for and connected to; requests are made to pods.
void ask_for_l7(rule_key& key, unsigned what) {
    if (key.peer.kind == peer_kind::fqdn) {
        key.direction = direction::egress;
        if (key.port == 53) key.l7 = l7_match::dns(key.peer.names[0]);
    } else if (what >= 96 && key.peer.kind != peer_kind::cidr && key.protocol == l4_protocol::tcp) {
        key.l7 = l7_match::http("GET", what % 2 == 0 ? "^/$" : "^/api/v1$");
    }
}

rule_key chosen_key(unsigned whom, unsigned what) {
    rule_key out{.direction = whom / 8 % 2 == 0 ? direction::ingress : direction::egress,
                 .peer = peers().at(whom % 8),
                 .l7 = {}};
    ask_for_port(out, what);
    if (what >= 64 && what < 72 && out.peer.kind != peer_kind::fqdn) out.protocol = l4_protocol::icmpv4, out.port = 8;
    ask_for_l7(out, what);
    return out;
}

}  // namespace

policy wanted_policy(std::string_view chosen) {
    constexpr std::size_t most_rules = 64;
    std::vector<rule_key> keys;
    for (std::size_t i = 0; i + 1 < std::min(chosen.size(), 2 * most_rules); i += 2)
        keys.push_back(chosen_key(static_cast<unsigned char>(chosen[i]), static_cast<unsigned char>(chosen[i + 1])));
    policy out = build_policy("shop", "cart", {{"app", "cart"}}, keys);
    out.common_labels = {{"app", "cart"}, {"app.kubernetes.io/instance", "shop"}, {"tier", "web"}};
    return out;
}

}  // namespace cpg::fuzz
