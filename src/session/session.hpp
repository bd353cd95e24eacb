// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The wiring: one io_context drives source, decoding, shards, flushes, the writer and the signals; src/README.md has
// the picture. Made and run once, by one thread, which blocks in run(); everything else happens on strands.

#include <asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "aggregate/aggregator.hpp"
#include "aggregate/connection_tally.hpp"
#include "base/log.hpp"
#include "classify/triage.hpp"
#include "evidence/writer.hpp"
#include "output/policy_writer.hpp"
#include "source/flow_source.hpp"

namespace cpg {

struct session_result;

/// Whether the connections that flows show are told apart, for asking policies about them.
enum class survey : std::uint8_t {
    none,
    beside,  ///< and policies are made as ever
    alone,   ///< and nothing is written
};

struct session_settings {
    gate_settings gates;
    rule_shape shape;
    std::size_t least_l7_flows = 1;  ///< of a request or query, to make a rule
    selecting_keys select_by = default_selecting_keys();
    writer_settings writer;
    std::optional<evidence_settings> evidence;  ///< none is kept without, and in a dry run
    std::chrono::nanoseconds flush_interval = std::chrono::seconds(5);
    std::optional<std::chrono::nanoseconds> duration;  ///< stop by itself after this long
    std::size_t samples = 0;                           ///< of each rule, for evidence
    cpg::survey survey = cpg::survey::none;
    bool ends_process = false;          ///< the memory of the session is left to the kernel
    bool only_sums = false;             ///< write nothing, lock nothing: the caller takes what was added up
    std::size_t threads = 0;            ///< 0: worker_count()
    bool status_line = false;           ///< progress on a terminal, which stderr is
    std::shared_ptr<std::string> diff;  ///< of a dry run; to be read when run() has returned
    /// How long, once a stop is wanted, the input may take to end, and one file to be written.
    std::chrono::nanoseconds patience = std::chrono::seconds(30);
    /// Called, before run() would return, when a thread is stuck in a call to the system, which nothing can end but
    /// the end of the process. Should not return.
    std::function<void(const session_result&)> when_stuck;
};

/// What a session saw and did.
struct session_result {
    triage_counts counts;
    std::string problem;      ///< why the source failed, or empty
    std::uint64_t lines = 0;  ///< lines, or messages
    std::uint64_t malformed = 0;
    std::uint64_t other_events = 0;
    malformed_line first_malformed;
    std::map<std::string, std::uint64_t> lost_by_source;
    std::vector<std::string> unavailable_nodes;
    triage_findings findings;
    std::size_t policies_written = 0;  ///< in a dry run: would be
    std::size_t policies_unchanged = 0;
    std::size_t policies_failed = 0;
    std::size_t crowded_workloads = 0;  ///< left with fewer rules than their flows ask for
    std::size_t evidence_failed = 0;    ///< files of evidence that could not be written
    std::set<std::string> workloads;    ///< the first few that got rules, `namespace/name`
    seen_connections connections;       ///< with a survey
    std::uint64_t flushes_skipped = 0;  ///< because the one before was still being written
    std::int64_t started_ns = 0;
    std::int64_t ended_ns = 0;
    bool stopped_by_signal = false;
    bool has_begun = true;  ///< false where no connection came about
    bool stuck = false;     ///< a thread is still at work on something that does not come back
};

class session {
  public:
    session(session_settings settings, logger& log);
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// For making the source: where work runs, and the session strand.
    asio::any_io_executor pool();
    asio::any_io_executor strand();

    /// With `only_sums`, what run() has added up; good for as long as this object.
    std::vector<const aggregator*> sums();
    /// The pods that flows have shown, for evidence; likewise after run().
    known_pods pods() const;

    /// Returns when the source has ended, or a signal or the duration has ended it, and everything is written.
    session_result run(flow_source& source);

  private:
    class engine;
    std::shared_ptr<engine> engine_;
};

}  // namespace cpg
