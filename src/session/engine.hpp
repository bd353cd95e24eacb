// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a session is made of. Private to session.cpp, flush.cpp and status_line.cpp. Every member is used on the session
// strand unless it says otherwise.

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "base/activity.hpp"
#include "decode/cache_pool.hpp"
#include "evidence/remembered_names.hpp"
#include "session/locks.hpp"
#include "session/notices.hpp"
#include "session/progress.hpp"
#include "session/session.hpp"
#include "session/shards.hpp"
#include "session/shutdown.hpp"

namespace cpg {

class session::engine final : public flow_receiver, public std::enable_shared_from_this<engine> {
  public:
    engine(session_settings settings, logger& log);

    asio::any_io_executor pool() { return context_.get_executor(); }
    asio::any_io_executor strand() { return strand_; }
    session_result run(flow_source& source);
    /// Lets go of all but memory, where the process is to end; false: it is to be destroyed.
    bool leave();
    std::vector<const aggregator*> sums();
    known_pods pods() const;  ///< any thread

    void on_input(decode_task task) override;
    void on_end(source_end end) override;

  private:
    struct decoded {
        std::size_t slot = 0;
        std::shared_ptr<flow_batch> batch;
        triage_report report;
        std::string problem;
    };

    struct progress {
        std::size_t policies = 0;
        bool evidence_lacks_rules = false;
        bool evidence_failed = false;
    };

    void start(flow_source& source);
    void start_evidence();
    evidence_session session_so_far() const;
    decoded decode(std::size_t slot, const decode_task& task);     ///< any thread
    void survey_batch(std::size_t slot, const flow_batch& batch);  ///< any thread; a slot's tally is its task's alone
    triage_report counted(const flow_batch& batch) const;
    void take_survey();
    void on_decoded(decoded done);
    void on_added(std::size_t slot);
    void on_signal(int signal);
    void on(session_event event);
    void act(session_action action);
    void check_all_added();

    void start_flush_timer();
    void on_flush_timer();
    flush_scope scope_of_flush(bool last);
    void flush(bool last);
    void write(std::vector<flushed_workload> taken, flush_scope scope,
               const evidence_session& so_far);  ///< writer strand
    void remember_names(flushed_workload& of);   ///< writer strand
    progress written_so_far() const;             ///< writer strand
    void on_written(progress so_far, bool last);
    void finish();
    void count_written();
    void run_threads();
    void work();
    bool wait_for_threads();

    // What is done when the writer does not come back: rescue.cpp.
    struct rescued {
        std::size_t written = 0;
        std::size_t unchanged = 0;
        std::size_t failed = 0;
    };
    static constexpr std::chrono::seconds time_for_rest{10};  ///< for all files but the one that hangs
    void watch_for_hang();
    void give_up_on(const std::string& path);
    void write_rest(std::vector<policy> rest);
    void on_rescued(rescued counts);

    void start_deadline();
    void start_status_line();
    void start_status_timer();
    void await_resize();
    void draw_status();
    session_progress progress_so_far() const;

    const session_settings settings_;
    logger& log_;
    asio::io_context context_;
    asio::strand<asio::any_io_executor> strand_{context_.get_executor()};
    asio::strand<asio::any_io_executor> writer_strand_{context_.get_executor()};
    asio::signal_set signals_{strand_};
    asio::signal_set resized_{strand_};
    asio::steady_timer flush_timer_{strand_};
    asio::steady_timer duration_timer_{strand_};
    asio::steady_timer deadline_timer_{strand_};
    asio::steady_timer status_timer_{strand_};
    asio::steady_timer hang_timer_{strand_};
    asio::steady_timer echo_timer_{strand_};  ///< while a signal's repetition is the same signal
    const std::size_t threads_;
    const gates gates_;
    shutdown_machine machine_;
    shards shards_;
    label_table labels_{settings_.select_by};  ///< any thread
    cache_pool caches_{labels_};               ///< any thread
    std::vector<connection_tally> tallies_;    ///< one a slot, with a survey
    std::vector<std::size_t> free_slots_;
    std::size_t in_flight_ = 0;
    flow_source* source_ = nullptr;
    notices notices_;
    activity writing_;                            ///< any thread: the file at hand
    policy_writer writer_;                        ///< writer strand
    std::optional<remembered_names> remembered_;  ///< writer strand; where connections are written by names
    std::optional<evidence_writer> evidence_;     ///< writer strand; made before the threads are
    std::string session_id_;
    folder_locks locks_;
    bool flushing_ = false;
    bool last_flush_due_ = false;
    progress written_;  ///< as of the last flush
    std::chrono::steady_clock::time_point evidence_taken_at_{};
    std::size_t workloads_ = 0;  ///< as of the last flush, for the status line
    std::chrono::steady_clock::time_point started_{};
    session_result result_;
    std::optional<rescued> rescued_;
    bool gave_up_ = false;

    std::mutex mutex_;  ///< of what follows: between the threads and the one that waits for them
    std::condition_variable changed_;
    std::size_t running_ = 0;
    std::vector<std::exception_ptr> errors_;
    std::optional<std::chrono::steady_clock::time_point> finished_at_;
    std::optional<std::chrono::steady_clock::time_point> stop_wanted_at_;
};

}  // namespace cpg
