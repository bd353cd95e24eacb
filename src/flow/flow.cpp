// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "flow/flow.hpp"

#include <array>

#include "base/enum_rows.hpp"

namespace cpg {

std::string_view to_string(direction direction) {
    using enum cpg::direction;
    constexpr auto rows =
        std::to_array<enum_row<cpg::direction>>({{unknown, "unknown"}, {ingress, "ingress"}, {egress, "egress"}});
    static_assert(are_rows_of(rows, egress));
    return in_row(rows, direction);
}

std::string_view to_string(verdict verdict) {
    using enum cpg::verdict;
    constexpr auto rows = std::to_array<enum_row<cpg::verdict>>({{unknown, "VERDICT_UNKNOWN"},
                                                                 {forwarded, "FORWARDED"},
                                                                 {dropped, "DROPPED"},
                                                                 {error, "ERROR"},
                                                                 {audit, "AUDIT"},
                                                                 {redirected, "REDIRECTED"},
                                                                 {traced, "TRACED"},
                                                                 {translated, "TRANSLATED"}});
    static_assert(are_rows_of(rows, translated) && rows.size() == verdicts);
    return in_row(rows, verdict);
}

std::string_view namespace_of(const endpoint& endpoint) {
    return endpoint.pod_namespace.empty() ? std::string_view(endpoint.labels->pod_namespace) : endpoint.pod_namespace;
}

std::string_view cluster_of(const endpoint& endpoint) {
    return endpoint.labels->cluster.empty() ? endpoint.cluster : std::string_view(endpoint.labels->cluster);
}

std::string_view to_string(l4_protocol protocol) {
    using enum l4_protocol;
    constexpr auto rows = std::to_array<enum_row<l4_protocol>>({{none, "none"},
                                                                {tcp, "TCP"},
                                                                {udp, "UDP"},
                                                                {sctp, "SCTP"},
                                                                {icmpv4, "ICMPv4"},
                                                                {icmpv6, "ICMPv6"},
                                                                {other, "other"}});
    static_assert(are_rows_of(rows, other));
    return in_row(rows, protocol);
}

}  // namespace cpg
