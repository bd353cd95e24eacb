// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What is kept of the flows behind a policy, over many sessions, and how a session is added to it. Only sums, minima,
// maxima and "newest N", so adding what a session knows so far to what there was before it always gives what one look
// at the end would. Pure values; any thread.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "request/rule_key.hpp"
#include "request/rule_tally.hpp"

namespace cpg {

/// Where a session's flows came from.
struct evidence_source {
    std::string type;    ///< `live` or `replay`
    std::string file;    ///< replay: as it was named, `-` for standard input
    std::string server;  ///< live

    bool operator==(const evidence_source&) const = default;
};

struct evidence_session {
    std::string id;  ///< `2026-04-24T14:00:00Z-a1b2`
    std::int64_t started_ns = 0;
    std::int64_t ended_ns = 0;  ///< as of the last flush
    std::string cpg_version;
    evidence_source source;
    std::uint64_t flows_ingested = 0;  ///< of the whole session, not of the policy
    std::uint64_t flows_unhandled = 0;

    bool operator==(const evidence_session&) const = default;
};

struct evidence_sample {
    std::int64_t time_ns = 0;  ///< 0: the flow had none
    sample_endpoint source;
    sample_endpoint destination;
    std::uint32_t port = 0;  ///< for ICMP the type
    std::string protocol;
    std::string verdict;
    std::string drop_reason;

    auto operator<=>(const evidence_sample&) const = default;
};

struct evidence_rule {
    rule_key what;
    std::uint64_t flow_count = 0;
    std::int64_t first_seen_ns = 0;  ///< 0: no flow had a time
    std::int64_t last_seen_ns = 0;
    std::vector<std::string> contributing_sessions;  ///< in the order of the sessions
    std::vector<evidence_sample> samples;            ///< newest first
    // See rule_tally.
    std::set<std::string> addresses = {};
    std::set<std::string> subject_pods = {};
    std::set<std::string> peer_pods = {};

    bool operator==(const evidence_rule&) const = default;
};

struct evidence_document {
    std::string policy_name;
    std::string pod_namespace;
    std::string workload;
    std::vector<evidence_session> sessions;      ///< oldest first
    std::map<std::string, evidence_rule> rules;  ///< by key, which begins with the direction

    bool operator==(const evidence_document&) const = default;
};

struct evidence_limits {
    std::size_t samples = 10;  ///< of each rule
    std::size_t sessions = 10;
};

/// Adds to what there was before `session` all that it knows of the policy so far.
void add_session(evidence_document& to, const evidence_session& session, const std::map<rule_key, rule_tally>& rules,
                 const evidence_limits& limits);

}  // namespace cpg
