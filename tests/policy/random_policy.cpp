// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/random_policy.hpp"

#include <yaml-cpp/yaml.h>

#include <array>

#include "policy/build.hpp"
#include "policy/policy_text.hpp"

namespace cpg::test {

namespace {

std::size_t below(std::size_t bound, std::mt19937& random) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
}

const std::vector<peer>& all_peers() {
    static const std::vector<peer> peers = {
        peer::endpoint({{"app", "frontend"}}),
        peer::endpoint({{"app", "true"}}),
        peer::endpoint({{"app", "frontend"}, {"tier", "1.0"}}),
        peer{.kind = peer_kind::endpoint,
             .labels = {{"app", "frontend"}, {"io.kubernetes.pod.namespace", "jobs"}},
             .name = {},
             .names = {}},
        peer::entity("kube-apiserver"),
        peer::entity("host"),
        peer::cidr("203.0.113.7/32"),
        peer::cidr("2001:db8::1/128"),
    };
    return peers;
}

// Many keys of all peers make many rules; of one peer, more ports than a list may have. A few tell most.
struct extent {
    std::vector<peer> peers;
    std::size_t keys = 0;
};

extent random_extent(std::mt19937& random) {
    switch (below(24, random)) {
        case 0: return {all_peers(), 1 + below(400, random)};
        case 1:
        case 2:
        case 3: return {{all_peers()[below(all_peers().size(), random)]}, 60 + below(120, random)};
        default: return {all_peers(), 1 + below(30, random)};
    }
}

rule_key random_key(const std::vector<peer>& peers, std::mt19937& random) {
    constexpr std::array protocols = {l4_protocol::tcp,  l4_protocol::tcp,    l4_protocol::udp,
                                      l4_protocol::sctp, l4_protocol::icmpv4, l4_protocol::icmpv6};
    return {.direction = below(2, random) == 0 ? direction::ingress : direction::egress,
            .peer = peers[below(peers.size(), random)],
            .protocol = protocols[below(protocols.size(), random)],
            .port = static_cast<std::uint16_t>(1 + below(90, random)),
            .l7 = {}};
}

peer name_peer(std::mt19937& random) {
    static const std::array<std::string, 3> names = {"a.example", "b.example", "c.example"};
    return peer::fqdn({names[below(names.size(), random)]});
}

// Requests and names, and what may void them.
rule_key random_l7_key(const std::vector<peer>& peers, std::mt19937& random) {
    rule_key out = random_key(peers, random);
    const peer dns{.kind = peer_kind::endpoint,
                   .labels = {{"io.kubernetes.pod.namespace", "kube-system"}, {"k8s-app", "kube-dns"}},
                   .name = {},
                   .names = {}};
    out.protocol = l4_protocol::tcp;
    switch (below(5, random)) {
        case 0:
            out.peer = name_peer(random);
            out.l7 = l7_match::dns(out.peer.names[0]);
            out.port = 53;
            break;
        case 1: out.peer = name_peer(random); break;
        case 2:
            out.peer = dns;
            out.port = below(2, random) == 0 ? 53 : 9153;
            out.protocol = below(2, random) == 0 ? l4_protocol::udp : l4_protocol::tcp;
            break;
        default:
            out.port = static_cast<std::uint16_t>(1 + below(3, random));
            if (below(2, random) == 0 && out.peer.kind != peer_kind::cidr)
                out.l7 = {
                    .kind = l7_kind::http, .method = "GET", .value = "^/" + std::to_string(below(4, random)) + "$"};
    }
    if (out.peer.kind == peer_kind::fqdn || out.peer == dns) out.direction = direction::egress;
    return out;
}

void restyle(YAML::Node node, std::mt19937& random) {
    if (node.IsScalar()) return;
    if (below(4, random) == 0) node.SetStyle(YAML::EmitterStyle::Flow);
    for (auto child : node)
        restyle(node.IsMap() ? child.second : YAML::Node(child), random);
}

std::string with_comments(const std::string& text, std::mt19937& random) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
        if (below(8, random) == 0) out += std::string(below(12, random), ' ') + "# by hand\n";
        if (below(12, random) == 0) out += "\n";
        out += text.substr(at, end - at);
        at = end;
    }
    return out;
}

}  // namespace

std::vector<rule_key> random_keys(std::mt19937& random, with_l7 l7) {
    const extent extent = random_extent(random);
    std::vector<rule_key> keys;
    for (std::size_t i = 0; i < extent.keys; ++i)
        keys.push_back(l7 == with_l7::yes && below(2, random) == 0 ? random_l7_key(extent.peers, random)
                                                                   : random_key(extent.peers, random));
    return keys;
}

policy built(const std::vector<rule_key>& keys) {
    return build_policy("shop", "cart", {{"app", "cart"}}, keys);
}

policy random_policy(std::mt19937& random) {
    return built(random_keys(random, with_l7::no));
}

std::string handwritten(const policy& policy, std::mt19937& random) {
    YAML::Node document = YAML::Load(policy_text(policy));
    restyle(document["spec"], random);
    YAML::Emitter out;
    out.SetIndent(2 + below(3, random));
    if (below(2, random) == 0) out.SetStringFormat(YAML::DoubleQuoted);
    out << document;
    return with_comments(std::string(out.c_str()) + (below(3, random) == 0 ? "" : "\n"), random);
}

}  // namespace cpg::test
