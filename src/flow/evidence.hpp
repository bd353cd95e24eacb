// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which flows made a rule, as one session saw them. Values; any thread.

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "flow/flow.hpp"

namespace cpg {

/// An end of a sampled flow.
struct sample_endpoint {
    std::string pod_namespace;
    std::string workload;
    std::string pod;
    std::string ip;

    auto operator<=>(const sample_endpoint&) const = default;
};

/// A flow as evidence keeps it. Ordered by time, then by everything else.
struct sample {
    std::int64_t time_ns = 0;
    sample_endpoint source;
    sample_endpoint destination;
    std::uint32_t source_port = 0;
    std::uint32_t port = 0;  ///< for ICMP the type
    l4_protocol protocol = l4_protocol::none;
    std::string drop_reason;
    std::uint32_t event_type = 0;

    auto operator<=>(const sample&) const = default;
};

/// Which flows asked for a rule.
struct rule_evidence {
    std::uint64_t flow_count = 0;  ///< packets, the twin events of one counted once
    std::int64_t first_seen_ns = 0;
    std::int64_t last_seen_ns = 0;
    std::vector<sample> samples;  ///< newest first
};

}  // namespace cpg
