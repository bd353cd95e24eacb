// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/dns_server.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cpg {

namespace {

// On which DNS servers listen in pods, beside 53: OpenShift's operator; CoreDNS without the right to low ports.
constexpr std::array<std::uint16_t, 2> pod_ports = {5353, 8053};

struct resolver_label {
    std::string_view key;
    std::string_view value;  ///< empty: any
};

// What DNS servers are labelled with, and by whom.
constexpr auto resolver_labels = std::to_array<resolver_label>({
    {"k8s-app", "kube-dns"},                          // kubeadm, EKS, AKS, GKE, k3s
    {"k8s-app", "coredns"},                           // kops, older charts
    {"k8s-app", "node-local-dns"},                    // node-local-dns as pods, by a local redirect policy
    {"app.kubernetes.io/name", "coredns"},            // the CoreDNS chart
    {"app.kubernetes.io/name", "rke2-coredns"},       // RKE2
    {"app.kubernetes.io/name", "node-local-dns"},     // its charts
    {"dns.operator.openshift.io/daemonset-dns", ""},  // OpenShift
});

bool is_resolver(const selector& labels) {
    return std::ranges::any_of(labels, [](const auto& label) {
        return std::ranges::any_of(resolver_labels, [&](const resolver_label& known) {
            return label.first == known.key && (known.value.empty() || label.second == known.value);
        });
    });
}

// Metrics and health checks of a server are TCP, on ports of their own.
bool is_asked_on(l4_protocol protocol, std::uint16_t port) {
    return protocol == l4_protocol::udp ||
           (protocol == l4_protocol::tcp && std::ranges::find(pod_ports, port) != pod_ports.end());
}

}  // namespace

std::optional<dns_server> server_asked(const rule_key& key) {
    const bool has_ports = key.protocol == l4_protocol::udp || key.protocol == l4_protocol::tcp;
    if (key.direction != direction::egress || !has_ports || key.l7.kind != l7_kind::none ||
        key.peer.kind == peer_kind::fqdn)
        return std::nullopt;
    if (key.port != dns_port && !(is_resolver(key.peer.labels) && is_asked_on(key.protocol, key.port)))
        return std::nullopt;
    return dns_server{.peer = key.peer, .port = key.port};
}

bool may_ask_server(const candidate& candidate) {
    return candidate.server || (candidate.direction == direction::egress &&
                                (candidate.port == dns_port || is_asked_on(candidate.flow->protocol, candidate.port)));
}

std::optional<dns_server> server_asked(const candidate& candidate, const rule_key& key) {
    if (candidate.server) return dns_server{.peer = peer_of(candidate, *candidate.server), .port = candidate.port};
    return server_asked(key);
}

dns_server_place place_of(const dns_server& server, const candidate& candidate) {
    dns_server_place out{.server = server, .pod_namespace = {}, .cluster = {}};
    if (server.peer.kind != peer_kind::endpoint) return out;
    out.server.peer.labels = candidate.peer->labels->selector;
    out.pod_namespace = candidate.peer_namespace;
    out.cluster = cluster_of(*candidate.peer);
    return out;
}

dns_server server_for(const dns_server_place& place, std::string_view pod_namespace, std::string_view cluster) {
    dns_server out = place.server;
    if (out.peer.kind != peer_kind::endpoint) return out;
    selector labels = out.peer.labels;
    add_place(labels, {.pod_namespace = place.pod_namespace, .cluster = place.cluster},
              {.pod_namespace = pod_namespace, .cluster = cluster});
    out.peer.labels = std::move(labels);
    return out;
}

dns_server usual_dns_server(std::string_view pod_namespace) {
    constexpr std::string_view home = "kube-system";
    selector labels = {{"k8s-app", "kube-dns"}};
    add_place(labels, {.pod_namespace = home, .cluster = {}}, {.pod_namespace = pod_namespace, .cluster = {}});
    return {.peer = peer::endpoint(std::move(labels)), .port = dns_port};
}

}  // namespace cpg
