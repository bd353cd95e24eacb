// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Judges a whole batch: counts what made no rule and sorts what does by shard. Counts are sums, so reports may be added
// up in any order. No state outside the report; any thread.

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "classify/gates.hpp"

namespace cpg {

/// Flows of one infra or transient reason.
struct health_count {
    std::uint64_t count = 0;
    std::map<std::string, std::uint64_t> by_node;
    std::map<std::string, std::uint64_t> by_workload;  ///< `namespace/workload`

    void add(const health_count& other);
};

struct triage_counts {
    std::uint64_t flows = 0;
    std::uint64_t not_dropped = 0;
    std::array<std::uint64_t, verdicts> by_verdict{};
    std::uint64_t with_labels = 0;  ///< flows in which an endpoint has labels
    std::uint64_t with_direction = 0;
    std::uint64_t noise = 0;
    std::uint64_t kept = 0;
    std::uint64_t connections = 0;   ///< flows of allowed connections that make rules
    std::uint64_t named = 0;         ///< of those kept, connections out of the cluster of which names are known
    std::uint64_t http_records = 0;  ///< of any verdict
    std::uint64_t dns_records = 0;
    std::uint64_t l7_records = 0;  ///< of any kind
    unhandled_counts unhandled{};
    std::map<const drop_reason*, std::uint64_t> ignored_reasons;
    std::map<l4_protocol, std::uint64_t> ignored_protocols;
    std::map<const drop_reason*, health_count> health_drops;

    void add(const triage_counts& other);
};

/// A flow that made no rule, for the log.
struct unhandled_note {
    std::string source;
    std::string destination;
    std::string port;
    std::string protocol;
    unhandled reason{};
    std::vector<std::string> destination_labels;

    auto operator<=>(const unhandled_note&) const = default;
};

/// A subject that no namespaced policy can select.
struct reserved_subject {
    reserved_identity identity{};
    cpg::direction direction{};

    auto operator<=>(const reserved_subject&) const = default;
};

struct kept_flow {
    cpg::candidate candidate;
    const drop_reason* reason = nullptr;
};

/// What people are told of flows, each thing once.
struct triage_findings {
    std::set<reserved_subject> reserved_subjects;
    std::set<std::string> unknown_reasons;
    std::set<std::string> denying_policies;  ///< `namespace/name`
    std::set<std::string> subject_clusters;
    std::set<std::string> other_clusters;           ///< of subjects, when only those of one are asked for
    std::set<std::string, std::less<>> namespaces;  ///< of either end, when only some are asked for

    /// Keeps those first in order, so that it does not matter which came first.
    void add(const triage_findings& other);
};

struct triage_report : triage_findings {
    triage_counts counts;
    std::vector<std::vector<kept_flow>> shards;
    std::vector<std::vector<candidate>> answers;  ///< to queries, by shard
    std::set<unhandled_note> notes;               ///< with `want_notes`
};

/// `shard_of` gives a candidate's shard, below `shards`.
triage_report triage(const flow_batch& batch, const gates& gates, std::size_t shards,
                     std::size_t (*shard_of)(const candidate&, std::size_t), bool want_notes);

}  // namespace cpg
