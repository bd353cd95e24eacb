// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Live flows from Hubble Relay as a flow_source: opens GetFlows, hands out the inbox piece by piece as it is asked for,
// and opens the stream again when it breaks. The server's status is asked for at the same time and is for the log
// alone: one agent that hangs anywhere in the cluster holds it back for good. Every call, the destructor included,
// belongs to the session strand, whose executor it is given; gRPC's threads stay inside relay_reactor and status_call.
// It is never destroyed from within a call to its receiver. Decoding is left to the tasks.

#include <asio/any_io_executor.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "source/backoff.hpp"
#include "source/flow_gate.hpp"
#include "source/flow_source.hpp"
#include "source/relay_channel.hpp"
#include "source/relay_failure.hpp"
#include "source/relay_options.hpp"
#include "source/relay_reactor.hpp"
#include "source/status_call.hpp"

namespace cpg {

class relay_stream final : public flow_source {
  public:
    /// Throws fatal_error when a certificate can't be read; connects only in start().
    relay_stream(asio::any_io_executor strand, relay_options options, logger& log);
    relay_stream(const relay_stream&) = delete;
    relay_stream& operator=(const relay_stream&) = delete;
    ~relay_stream() override;

    void start(flow_receiver& receiver) override;
    void request(std::size_t pieces) override;
    void stop() override;
    std::uint64_t bytes_read() const override { return bytes_read_; }
    bool has_begun() const override { return connected_once_; }

    /// How often the stream was opened again after it had broken.
    std::uint64_t reconnects() const { return reconnects_; }

  private:
    enum class phase : std::uint8_t { idle, opening, open, waiting, ended };
    using handler = void (relay_stream::*)();

    std::function<void()> guarded(handler what);
    std::function<void()> posting(handler what);
    void arm(nanoseconds after, handler what);
    void disarm();

    void connect();
    void on_status();
    void open();
    void wait_for_refusal();
    bool is_answered() const;
    void stand();
    void announce();
    void on_silence();
    void on_deadline();

    void pump();
    void deliver(std::vector<grpc::ByteBuffer> messages);
    void look_at(std::vector<grpc::ByteBuffer>& messages);

    void on_mask_refused();
    void on_node_lost();
    void repeat();
    void open_again();
    void on_failure(const grpc::Status& status);
    void wait_and_reconnect(const relay_failure& failure);
    bool tries_another_way(const relay_failure& failure) const;
    bool is_refused_for_good(const relay_failure& failure);
    void give_up(std::string problem);
    void finish() { give_up({}); }

    const asio::any_io_executor strand_;
    const relay_options options_;
    logger& log_;
    const std::shared_ptr<grpc::ChannelCredentials> credentials_;
    asio::steady_timer timer_;  ///< of the phase: its deadline, or the wait before the next attempt
    std::uint64_t timer_round_ = 0;
    asio::steady_timer repeat_timer_;
    backoff backoff_;

    flow_receiver* receiver_ = nullptr;
    phase phase_ = phase::idle;
    bool stopping_ = false;
    bool connected_once_ = false;
    bool seen_first_ = false;   ///< message of this stream
    bool left_behind_ = false;  ///< the inbox waits for request()
    bool whole_flows_;          ///< asked for: a server has not taken the field mask, or a capture is kept
    bool repeat_wanted_ = false;
    bool repeating_ = false;  ///< the stream is being opened again although it stood
    std::optional<std::chrono::steady_clock::time_point> last_repeat_;
    std::chrono::steady_clock::time_point broken_at_;
    std::size_t credits_ = 0;
    std::uint64_t bytes_read_ = 0;
    std::uint64_t reconnects_ = 0;

    std::shared_ptr<grpc::Channel> channel_;
    std::chrono::steady_clock::time_point deadline_;  ///< --timeout, for the connection that is to stand
    std::chrono::steady_clock::time_point attempt_deadline_;
    int ways_ = 1;  ///< that share the time up to deadline_
    std::optional<std::chrono::steady_clock::time_point> refused_since_;
    observer::ServerStatusResponse server_;
    std::unique_ptr<status_call> asked_;
    std::optional<grpc::StatusCode> status_code_;  ///< of the answer to it, in this attempt
    bool announced_ = false;                       ///< the connection, in this attempt
    std::unique_ptr<relay_reactor> reactor_;
    // The io_context must not run dry while gRPC has still to post to it.
    std::optional<asio::executor_work_guard<asio::any_io_executor>> work_;
    // What was posted before the destructor ran finds this gone.
    const std::shared_ptr<int> alive_ = std::make_shared<int>();
    const std::shared_ptr<flow_gate> gate_;  ///< after alive_, which it asks for
};

}  // namespace cpg
