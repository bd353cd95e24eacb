// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Now and then, and at the end, brings what the shards have added up to the sink, on the writer strand. A tick that
// finds the flush before it still being written is skipped and counted. Every call belongs to the session strand.

#include <asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/rearmed_timer.hpp"
#include "session/flush_sink.hpp"
#include "session/ingest.hpp"
#include "session/notices.hpp"
#include "session/shards.hpp"

namespace cpg {

struct flusher_settings {
    std::chrono::nanoseconds interval = std::chrono::seconds(5);
    bool only_last = false;       ///< nothing is written before the end
    bool keeps_evidence = false;  ///< the sink wants more than new rules
    evidence_session session;     ///< without what changes from flush to flush
};

class flusher {
  public:
    /// `writer` is the writer strand. `sink` is null where nothing is written at all.
    flusher(asio::any_io_executor strand, asio::any_io_executor writer, flusher_settings settings, const ingest& from,
            shards& sums, notices& told, flush_sink* sink);

    void start();
    /// The last flush, which waits for one that is being written; then `done`.
    void flush_last(std::function<void()> done);
    void stop() { timer_.disarm(); }

    /// The end waits for the writer.
    bool is_awaited() const { return done_ && writing_; }
    /// As of the last flush that was written.
    const sink_counts& written() const { return written_; }
    /// As of the last flush.
    std::size_t workloads() const { return workloads_; }
    /// The first few that got rules: `namespace/name`, behind their cluster where that tells them apart.
    const std::set<std::string>& workloads_with_rules() const { return with_rules_; }
    /// Because the one before was still being written.
    std::uint64_t skipped() const { return skipped_; }

  private:
    void on_timer();
    flush_scope next_scope();
    void flush();
    void on_taken(flush_scope scope, std::vector<flushed_workload> taken, const flush_totals& totals);
    void tell(const std::vector<flushed_workload>& taken);
    evidence_session session_so_far() const;
    void write(flush_load load);  ///< writer strand
    void on_written(const sink_counts& counts);

    const asio::any_io_executor strand_;
    const asio::any_io_executor writer_;
    const flusher_settings settings_;
    const ingest& ingest_;
    shards& shards_;
    notices& notices_;
    flush_sink* const sink_;
    rearmed_timer timer_;
    bool writing_ = false;
    bool last_is_on_its_way_ = false;
    std::function<void()> done_;  ///< set once the last flush is due
    sink_counts written_;
    std::chrono::steady_clock::time_point evidence_taken_at_{};
    std::size_t workloads_ = 0;
    std::set<std::string> with_rules_;
    std::uint64_t skipped_ = 0;
};

}  // namespace cpg
