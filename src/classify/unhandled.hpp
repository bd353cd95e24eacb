// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Why a dropped flow made no rule. Each such flow is counted under one reason. Values; any thread.

#include <array>
#include <cstdint>
#include <string_view>

namespace cpg {

enum class unhandled : std::uint8_t {
    no_l4,             ///< no transport header, or no port that a rule could name (0, above 65535)
    nil_endpoint,      ///< no subject
    empty_namespace,   ///< the subject, or a pod that is the peer, has no namespace
    nil_source,        ///< no peer of an ingress flow
    nil_destination,   ///< no peer of an egress flow
    unknown_protocol,  ///< VRRP, IGMP, IPv6 neighbour discovery, an L7 record that makes no rule
    world_no_ip,       ///< a peer outside the cluster without a valid address
    unknown_direction,
    reserved_identity,  ///< the subject is no pod, or the peer is one that can't be selected
    reply,              ///< an answer to a connection that was allowed
    explicit_deny,      ///< a deny rule matched: an allow rule can't mend it
    auth_required,      ///< waiting for mutual authentication
    lb_source_range,    ///< loadBalancerSourceRanges of a Service
    unknown_drop_reason,
    no_usable_labels,  ///< an empty selector is never written
    invalid_name,      ///< a namespace or label that Kubernetes, or an HTTP request or DNS name that Cilium, refuses
    other_namespace,   ///< not one of those asked for
    l7_without_flag,   ///< an L7 record, without --l7
    mid_connection,    ///< a reset, or a packet of an older connection that does not tell its client
    other_cluster,     ///< not the one asked for
    outside_window,    ///< before or after the time asked for, or without a time
};

inline constexpr std::size_t unhandled_reasons = 21;

/// `no_l4`, `nil_endpoint`, …
std::string_view to_string(unhandled reason);

using unhandled_counts = std::array<std::uint64_t, unhandled_reasons>;

}  // namespace cpg
