// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "flow/flow.hpp"

#include <array>

namespace cpg {

std::string_view to_string(direction direction) {
    constexpr std::array<std::string_view, 3> names = {"unknown", "ingress", "egress"};
    return names[static_cast<std::size_t>(direction)];
}

std::string_view to_string(verdict verdict) {
    constexpr std::array<std::string_view, verdicts> names = {"VERDICT_UNKNOWN", "FORWARDED",  "DROPPED", "ERROR",
                                                              "AUDIT",           "REDIRECTED", "TRACED",  "TRANSLATED"};
    return names[static_cast<std::size_t>(verdict)];
}

std::string_view namespace_of(const endpoint& endpoint) {
    return endpoint.pod_namespace.empty() ? std::string_view(endpoint.labels->pod_namespace) : endpoint.pod_namespace;
}

std::string_view cluster_of(const endpoint& endpoint) {
    return endpoint.labels->cluster.empty() ? endpoint.cluster : std::string_view(endpoint.labels->cluster);
}

std::string_view to_string(l4_protocol protocol) {
    constexpr std::array<std::string_view, 7> names = {"none", "TCP", "UDP", "SCTP", "ICMPv4", "ICMPv6", "other"};
    return names[static_cast<std::size_t>(protocol)];
}

}  // namespace cpg
