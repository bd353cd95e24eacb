// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a session saw and did. Plain values.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "aggregate/connection_tally.hpp"
#include "classify/triage.hpp"
#include "flow/flow.hpp"

namespace cpg {

struct session_result {
    triage_counts counts;
    std::string problem;      ///< why the source failed, or empty
    std::uint64_t lines = 0;  ///< lines, or messages
    std::uint64_t malformed = 0;
    std::uint64_t other_events = 0;
    malformed_line first_malformed;
    std::map<std::string, std::uint64_t> lost_by_source;
    std::vector<std::string> unavailable_nodes;
    std::vector<std::string> inputs_without_events;  ///< of several
    triage_findings findings;
    std::size_t policies_written = 0;  ///< in a dry run: would be
    std::size_t policies_unchanged = 0;
    std::size_t policies_failed = 0;
    std::size_t crowded_workloads = 0;  ///< left with fewer rules than their flows ask for
    std::size_t evidence_failed = 0;    ///< files of evidence that could not be written
    std::set<std::string> workloads;    ///< the first few that got rules, [cluster/]namespace/name
    seen_connections connections;       ///< with a survey
    std::uint64_t flushes_skipped = 0;  ///< because the one before was still being written
    std::int64_t started_ns = 0;
    std::int64_t ended_ns = 0;
    bool stopped_by_signal = false;
    bool has_begun = true;  ///< false where no connection came about
    bool stuck = false;     ///< a thread is still at work on something that does not come back
};

}  // namespace cpg
