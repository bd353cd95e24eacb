// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From the source to the shards: takes pieces of input, has each decoded and judged on any thread, and hands what is
// left of it to the shards. A piece has a slot from its arrival until every shard has added it; the source is asked for
// as many pieces as there are slots free, which is all the back-pressure there is. Every call belongs to the session
// strand but for those that say otherwise.

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aggregate/connection_tally.hpp"
#include "base/log.hpp"
#include "classify/gates.hpp"
#include "classify/triage.hpp"
#include "decode/cache_pool.hpp"
#include "evidence/known_pods.hpp"
#include "session/notices.hpp"
#include "session/settings.hpp"
#include "session/shards.hpp"
#include "source/flow_source.hpp"

namespace cpg {

/// What has come in so far.
struct intake {
    triage_counts counts;
    triage_findings findings;
    std::uint64_t lines = 0;  ///< lines, or messages
    std::uint64_t other_events = 0;
};

class ingest final : public flow_receiver {
  public:
    /// Whom it tells, on the session strand.
    struct listeners {
        std::function<void(source_end)> on_end;  ///< the source's last word
        std::function<void()> on_added;          ///< a piece is where it belongs; see is_idle()
    };

    /// `slots` pieces are under way at most.
    ingest(const session_settings& settings, asio::any_io_executor pool, asio::any_io_executor strand,
           std::size_t slots, shards& to, notices& told, logger& log);

    void start(flow_source& source, listeners tell);
    /// Nothing more is asked for, although the source has not ended.
    void close() { closed_ = true; }
    /// Nothing is between the source and the shards.
    bool is_idle() const { return in_flight_ == 0; }

    const intake& so_far() const { return so_far_; }
    /// The pods that flows have shown. Any thread.
    known_pods pods() const;
    /// With a survey: the connections that flows have shown. To be asked for once, when nothing is under way.
    seen_connections connections();

  private:
    struct decoded {
        std::size_t slot = 0;
        std::shared_ptr<flow_batch> batch;
        triage_report report;
    };

    void on_input(piece_ptr piece) override;
    void on_end(source_end end) override;
    decoded decode(std::size_t slot, input_piece& piece);          ///< any thread
    void survey_batch(std::size_t slot, const flow_batch& batch);  ///< any thread; a slot's tally is its piece's alone
    triage_report counted(const flow_batch& batch) const;          ///< any thread
    void on_decoded(decoded done);
    void on_shards_done(std::size_t slot);

    const asio::any_io_executor pool_;
    const asio::any_io_executor strand_;
    const gates gates_;
    const survey survey_;
    shards& shards_;
    notices& notices_;
    logger& log_;
    label_table labels_;                     ///< any thread
    cache_pool caches_{labels_};             ///< any thread
    std::vector<connection_tally> tallies_;  ///< one a slot, with a survey
    std::vector<std::size_t> free_slots_;
    std::size_t in_flight_ = 0;
    flow_source* source_ = nullptr;
    listeners tell_;
    bool closed_ = false;
    intake so_far_;
};

}  // namespace cpg
