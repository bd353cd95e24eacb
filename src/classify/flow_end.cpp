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

// Names that the labels tell were looked at when these were read.
bool has_invalid_name(const endpoint& endpoint) {
    const label_set& labels = *endpoint.labels;
    if (labels.invalid_place) return true;
    const bool own_namespace = labels.pod_namespace.empty() && !endpoint.pod_namespace.empty();
    const bool own_cluster = labels.cluster.empty() && !endpoint.cluster.empty();
    return (own_namespace && !is_dns_label(endpoint.pod_namespace)) ||
           (own_cluster && !is_dns_subdomain(endpoint.cluster));
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
    if (!of_labels.empty() && of_labels != pod_namespace) return true;
    if (!pod_namespace.empty() && is_place(reserved_of(endpoint))) return true;
    return has_invalid_name(endpoint) || says_pod_and_no_pod(endpoint);
}

}  // namespace cpg
