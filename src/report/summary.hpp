// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The counters of a session, as it prints them at its end. Pure; any thread.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"

namespace cpg {

/// Counts by name: of a drop reason, a protocol, a source of lost events.
using named_counts = std::map<std::string, std::uint64_t>;

/// What only a capture has.
struct capture_summary {
    std::uint64_t lines_read = 0;
    std::uint64_t lines_skipped = 0;
    std::uint64_t other_events = 0;  ///< node status, agent and debug events
};

struct session_summary {
    std::chrono::milliseconds duration{};
    std::uint64_t flows_seen = 0;
    std::uint64_t flows_not_dropped = 0;
    std::uint64_t flows_audit = 0;          ///< of --include-audit
    std::uint64_t connections_allowed = 0;  ///< of --include-forwarded, that make rules
    bool dry_run = false;                   ///< the policies would be written
    std::uint64_t policies_written = 0;
    std::uint64_t policies_skipped = 0;
    std::uint64_t policies_failed = 0;
    named_counts lost_events;
    std::uint64_t http_records = 0;
    std::uint64_t dns_records = 0;
    named_counts ignored_by_protocol;
    named_counts ignored_by_drop_reason;
    std::uint64_t noise = 0;
    named_counts infra_drops;
    named_counts transient_drops;
    named_counts unhandled;
    std::optional<capture_summary> capture;      ///< of replay
    std::vector<std::string> nodes_unavailable;  ///< of generate
    std::uint64_t flushes_skipped = 0;
    std::uint64_t crowded_workloads = 0;  ///< left with fewer rules than their flows ask for
    std::uint64_t evidence_failed = 0;
    std::string output_dir;
};

/// One line of counters, in the order in which people read them.
log_fields summary_fields(const session_summary& summary);
/// Five to ten aligned lines for a terminal, without what is zero. `next` is what to do now.
std::string summary_text(const session_summary& summary, std::string_view next);

}  // namespace cpg
