// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a session says about its input while it runs: each thing once, or at most every so often, however many flows
// bring it up. Memory is bounded. One thread at a time (the session strand).

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "aggregate/workload.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "classify/triage.hpp"
#include "flow/flow.hpp"
#include "policy/policy.hpp"

namespace cpg {

class notices {
  public:
    using clock = std::chrono::steady_clock;
    /// Lost events and node trouble are warned about at most this often, with their totals.
    static constexpr std::chrono::seconds quiet_time{30};
    static constexpr std::size_t most_malformed_logged = 10;
    /// Distinct flows, reasons and the like that are remembered as said.
    static constexpr std::size_t most_remembered = limits::names;

    /// `clusters_apart`: that there are several is as it should be.
    explicit notices(logger& log, bool clusters_apart = false) : log_(log), clusters_apart_(clusters_apart) {}

    void on_batch(const flow_batch& batch);
    void on_triage(const triage_report& report);
    void on_workload(const workload_snapshot& workload);
    void on_too_many_workloads();
    /// Connections stay by their addresses because these have too many names.
    void on_too_many_names(const policy& of);
    /// The counters that moved since the last call.
    void on_flush(const unhandled_counts& counts);
    /// What was held back.
    void at_end();

    const std::map<std::string, std::uint64_t>& lost_by_source() const { return lost_; }
    const std::set<std::string>& unavailable_nodes() const { return unavailable_; }
    /// The malformed line that stands first in the input.
    const malformed_line& first_malformed() const { return first_malformed_; }
    std::uint64_t malformed() const { return malformed_; }
    /// Workloads that were left with fewer rules than their flows ask for.
    std::size_t crowded() const { return crowded_.size(); }

  private:
    void on_malformed(const flow_batch& batch);
    void on_lost(const flow_batch& batch);
    void on_nodes(const flow_batch& batch);
    void on_flows(const flow_batch& batch);
    void on_too_many_rules(const workload_snapshot& workload);
    void warn_lost();
    void warn_nodes();
    void warn_clusters();
    bool is_new(const std::string& what);

    logger& log_;
    const bool clusters_apart_;
    std::uint64_t malformed_ = 0;
    malformed_line first_malformed_;
    std::size_t malformed_logged_ = 0;
    std::map<std::string, std::uint64_t> lost_;
    clock::time_point last_lost_warning_{};
    bool lost_held_back_ = false;
    std::set<std::string> unavailable_;
    std::string last_node_message_;
    clock::time_point last_node_warning_{};
    bool nodes_held_back_ = false;
    std::set<std::string> clusters_;  ///< of subjects
    std::size_t clusters_named_ = 0;
    std::set<std::string> crowded_;
    std::set<std::string> said_;
    std::set<unhandled_note> noted_;
    bool notes_full_ = false;
    unhandled_counts flushed_{};
};

}  // namespace cpg
