// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which flows made a rule, as one session saw them. Values that may be copied and read on any thread; what they share
// never changes.

#include <compare>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
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

/// A flow as evidence keeps it. Ordered by time, then by everything else. Small, for there are ten or more of them for
/// each rule: the ends, of which a cluster has far fewer than rules have samples, are shared.
struct flow_sample {
    std::int64_t time_ns = 0;
    std::shared_ptr<const sample_endpoint> source;  ///< never null
    std::shared_ptr<const sample_endpoint> destination;
    std::string_view drop_reason;  ///< of Cilium's table, which outlives every sample
    std::uint32_t source_port = 0;
    std::uint32_t port = 0;  ///< for ICMP the type
    std::uint32_t event_type = 0;
    l4_protocol protocol = l4_protocol::none;
    cpg::verdict verdict = cpg::verdict::unknown;
};

std::strong_ordering operator<=>(const flow_sample& a, const flow_sample& b);
bool operator==(const flow_sample& a, const flow_sample& b);

/// Which flows asked for a rule.
struct rule_tally {
    std::uint64_t flow_count = 0;  ///< packets, the twin events of one counted once
    std::int64_t first_seen_ns = 0;
    std::int64_t last_seen_ns = 0;
    std::vector<flow_sample> samples;  ///< newest first
    /// Of a connection that is written by names: what they had, as `/32` or `/128`; those first in order.
    std::set<std::string> addresses = {};
    /// The labels of the pods at its ends, see pod_labels(); those first in order. Empty where they are not known.
    std::set<std::string> subject_pods = {};
    std::set<std::string> peer_pods = {};

    /// Of two rules that are written as one; the newest samples are kept.
    void add(const rule_tally& other, std::size_t most_samples);
};

}  // namespace cpg
