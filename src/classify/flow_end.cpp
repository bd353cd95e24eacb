// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "classify/flow_end.hpp"

#include "base/text.hpp"

namespace cpg {

namespace {

// Never a pod of a namespace; those of the other reserved identities may be (`init`, `unmanaged`).
bool is_place(reserved_identity identity) {
    using enum reserved_identity;
    return identity == kube_apiserver || identity == host || identity == remote_node || identity == health ||
           identity == ingress || identity == world;
}

// The numbers of the reserved identities that this version knows, and those of pods and addresses; what lies between
// may get a meaning (cilium:pkg/identity/numericidentity.go).
bool is_number_known(std::uint32_t identity) {
    return (identity >= 1 && identity <= 10) || identity >= 256;
}

bool says_pod_and_no_pod(const endpoint& endpoint) {
    const bool number_is_pod = reserved_identity_of_number(endpoint.identity) == reserved_identity::none;
    const bool labels_are_pod = endpoint.labels->reserved == reserved_identity::none;
    return !endpoint.labels->raw.empty() && is_number_known(endpoint.identity) && number_is_pod != labels_are_pod;
}

}  // namespace

// The numeric identity speaks where a field mask has cut the labels.
reserved_identity reserved_of(const endpoint& endpoint) {
    if (endpoint.labels->reserved != reserved_identity::none || !endpoint.labels->raw.empty())
        return endpoint.labels->reserved;
    if (endpoint.identity == 0 && !endpoint.pod_namespace.empty()) return reserved_identity::none;
    return reserved_identity_of_number(endpoint.identity);
}

bool is_contradictory(const endpoint& endpoint) {
    const std::string_view pod_namespace = namespace_of(endpoint);
    const std::string& of_labels = endpoint.labels->pod_namespace;
    if (!pod_namespace.empty() && (!is_dns_label(pod_namespace) || is_place(reserved_of(endpoint)))) return true;
    if (!of_labels.empty() && of_labels != pod_namespace) return true;
    if (!cluster_of(endpoint).empty() && !is_dns_subdomain(cluster_of(endpoint))) return true;
    return says_pod_and_no_pod(endpoint);
}

}  // namespace cpg
