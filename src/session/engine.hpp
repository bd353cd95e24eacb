// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A session's parts and what each tells the others. Private to session.cpp. Made and run by one thread; every member is
// used on the session strand unless it says otherwise. A thread that hangs keeps the engine, and so all that it uses.

#include <asio/io_context.hpp>
#include <asio/strand.hpp>
#include <chrono>
#include <memory>

#include "base/activity.hpp"
#include "session/cluster_folders.hpp"
#include "session/flusher.hpp"
#include "session/ingest.hpp"
#include "session/notices.hpp"
#include "session/rescue.hpp"
#include "session/session.hpp"
#include "session/shards.hpp"
#include "session/shutdown.hpp"
#include "session/status_line.hpp"
#include "session/stopper.hpp"
#include "session/thread_team.hpp"

namespace cpg {

class session_engine final : public std::enable_shared_from_this<session_engine> {
  public:
    /// `writes`: else nothing is, and the sums are what counts.
    session_engine(session_settings settings, logger& log, bool writes);

    session_result run(const source_maker& make_source);
    /// After run().
    session_sums sums();
    /// Lets go of all but memory, where the process is to end; false: it is to be destroyed.
    bool leave();

  private:
    void make_parts(const source_maker& make_source);
    void start();
    void on_stop_wanted();
    void on_source_end(source_end end);
    void on_out_of_time();
    void on(session_event event);
    void act(session_action action);
    void check_all_added();
    void finish();
    void take_counts();
    session_progress progress() const;

    const session_settings settings_;
    const bool writes_;
    logger& log_;
    asio::io_context context_;
    asio::strand<asio::any_io_executor> strand_{context_.get_executor()};
    asio::strand<asio::any_io_executor> writer_strand_{context_.get_executor()};
    const std::size_t threads_;
    thread_team team_;  ///< any thread
    shutdown_machine machine_;
    shards shards_;
    notices notices_;
    ingest ingest_;
    activity writing_;                  ///< any thread: the file at hand
    std::unique_ptr<flush_sink> sink_;  ///< writer strand
    std::unique_ptr<flusher> flusher_;
    std::unique_ptr<rescue> rescue_;
    stopper stopper_;
    status_line status_;
    std::unique_ptr<flow_source> source_;
    std::chrono::steady_clock::time_point started_{};
    session_result result_;
    bool stuck_ = false;  ///< after run(): a thread is still at work
};

}  // namespace cpg
