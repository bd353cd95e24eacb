// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Policies as text, asked about connections that are written in a few words. One thread.

#include <memory>
#include <string>
#include <vector>

#include "enforce/decide.hpp"
#include "enforce/read_policies.hpp"

namespace cpg::test {

using end_ptr = std::shared_ptr<const connection_end>;

/// A pod with these labels, each `k8s:key=value`; those that the agent adds come by themselves.
inline end_ptr pod(const std::string& pod_namespace, std::vector<std::string> labels,
                   const std::string& cluster = "default") {
    labels.push_back("k8s:io.kubernetes.pod.namespace=" + pod_namespace);
    labels.push_back("k8s:io.cilium.k8s.policy.cluster=" + cluster);
    labels.push_back("k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=" + pod_namespace);
    return std::make_shared<const connection_end>(
        connection_end{.labels = std::move(labels), .pod_namespace = pod_namespace, .cluster = cluster, .name = {}});
}

inline end_ptr entity(const std::string& name, reserved_identity identity) {
    return std::make_shared<const connection_end>(connection_end{
        .labels = {"reserved:" + name}, .pod_namespace = {}, .cluster = {}, .name = {}, .reserved = identity});
}

inline end_ptr world() {
    return entity("world-ipv4", reserved_identity::world);
}

struct question {
    end_ptr subject;
    end_ptr peer;
    cpg::direction direction = cpg::direction::ingress;
    l4_protocol protocol = l4_protocol::tcp;
    std::uint16_t port = 80;
    std::string address = {};
    std::vector<std::string> names = {};
    connection_request request = {};
    bool default_deny = false;
};

inline decision ask(const std::string& policies, const question& asked) {
    static std::vector<std::unique_ptr<policy_set>> kept;  // a decision points into them
    kept.push_back(
        std::make_unique<policy_set>(read_policies({.file = "p.yaml", .namespace_of_folder = {}, .text = policies})));
    decider decider(*kept.back());
    return decider.decide({.direction = asked.direction,
                           .subject = asked.subject,
                           .peer = asked.peer,
                           .address = parse_address(asked.address),
                           .protocol = asked.protocol,
                           .port = asked.port,
                           .request = asked.request},
                          {.names = asked.names, .default_deny = asked.default_deny});
}

/// `allowed`, `denied`, or `unknown` with the reason.
inline std::string verdict(const std::string& policies, const question& asked) {
    const decision out = ask(policies, asked);
    std::string text(to_string(out.outcome));
    return out.outcome == judged_outcome::unknown ? text + " " + std::string(to_string(out.why)) : text;
}

/// A policy of namespace shop with this spec, indented by two columns.
inline std::string policy_of(const std::string& spec, const std::string& kind = "CiliumNetworkPolicy") {
    return "apiVersion: cilium.io/v2\nkind: " + kind + "\nmetadata: {name: p" +
           (kind == "CiliumNetworkPolicy" ? ", namespace: shop" : "") + "}\nspec:\n" + spec;
}

/// One ingress rule for app=db.
inline std::string ingress(const std::string& rule) {
    return policy_of("  endpointSelector: {matchLabels: {app: db}}\n  ingress: [" + rule + "]\n");
}

inline std::string egress(const std::string& rules) {
    return policy_of("  endpointSelector: {matchLabels: {app: db}}\n  egress: [" + rules + "]\n");
}

}  // namespace cpg::test
