// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// DNS servers as flows show them: kube-dns pods on 53, OpenShift's on 5353, a node's own as `host`, an address outside
// the cluster. Pure; any thread.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "request/candidate.hpp"
#include "request/rule_key.hpp"

namespace cpg {

inline constexpr std::uint16_t dns_port = 53;

/// The peer as the policy of one workload names it, and the port that was asked.
struct dns_server {
    cpg::peer peer;
    std::uint16_t port = 0;

    auto operator<=>(const dns_server&) const = default;
};

/// The same, whoever asks.
struct dns_server_place {
    dns_server server;          ///< labels without namespace and cluster
    std::string pod_namespace;  ///< of pods
    std::string cluster;        ///< of pods; empty where no flow tells

    auto operator<=>(const dns_server_place&) const = default;
};

/// The server that a plain connection goes to: whoever is asked on port 53, and pods with the labels of a DNS server.
/// Nothing where it goes to none, or to another port of one, as its metrics.
std::optional<dns_server> server_asked(const rule_key& key);
/// False where the candidate, told from its port alone, went to none.
bool may_ask_server(const candidate& candidate);
/// The server that the candidate went to, as a query or as a plain connection.
std::optional<dns_server> server_asked(const candidate& candidate, const rule_key& key);
dns_server_place place_of(const dns_server& server, const candidate& candidate);
/// As the policies of a namespace and cluster name it.
dns_server server_for(const dns_server_place& place, std::string_view pod_namespace, std::string_view cluster);
/// `k8s-app: kube-dns` in kube-system on port 53, as kubeadm and most distributions have it.
dns_server usual_dns_server(std::string_view pod_namespace);

}  // namespace cpg
