// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Live flows from Hubble Relay as a flow_source: opens GetFlows, hands out the inbox piece by piece as it is asked for,
// and does what relay_machine says when it breaks. The server's status is asked for at the same time and is for the log
// alone: one agent that hangs anywhere in the cluster holds it back for good. Every call, the destructor included,
// belongs to the session strand, whose executor it is given; gRPC's threads stay inside relay_reactor and status_call.
// It is destroyed when nothing of that executor's context runs any more. Decoding is left to the tasks.

#include <asio/any_io_executor.hpp>
#include <asio/executor_work_guard.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/rearmed_timer.hpp"
#include "source/flow_gate.hpp"
#include "source/flow_source.hpp"
#include "source/piece_pace.hpp"
#include "source/relay_channel.hpp"
#include "source/relay_failure.hpp"
#include "source/relay_machine.hpp"
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
    bool has_begun() const override { return machine_.has_connected(); }

    /// How often the stream was opened again after it had broken.
    std::uint64_t reconnects() const { return machine_.reconnects(); }

  private:
    using handler = void (relay_stream::*)();

    void post(handler what);
    std::function<void()> posting(handler what);
    relay_machine::moment moment() const;

    void apply(relay_step step);
    void set_timer();
    void connect();
    void settle();
    void open();
    void announce();
    void leave();
    void finish() { give_up({}); }
    void give_up(std::string problem);

    void on_wake();
    void pump();
    void deliver(std::vector<grpc::ByteBuffer> messages);
    void look_at(std::vector<grpc::ByteBuffer>& messages);

    void on_status();
    void on_settled();
    void on_mask_refused();
    void on_node_lost();
    void on_end(const grpc::Status& status);
    stream_end kind_of(const grpc::Status& status) const;
    grpc::Status unanswered() const;

    const asio::any_io_executor strand_;
    const relay_options options_;
    logger& log_;
    const std::shared_ptr<grpc::ChannelCredentials> credentials_;
    relay_machine machine_;
    rearmed_timer timer_;
    rearmed_timer gathering_;  ///< what a slow stream sends
    piece_pace pace_;
    std::optional<steady_time> armed_for_;

    flow_receiver* receiver_ = nullptr;
    bool seen_first_ = false;   ///< message of this stream
    bool left_behind_ = false;  ///< the inbox waits for request()
    bool whole_flows_;          ///< asked for: a server has not taken the field mask, or a capture is kept
    std::size_t credits_ = 0;
    std::uint64_t bytes_read_ = 0;

    std::shared_ptr<grpc::Channel> channel_;
    observer::ServerStatusResponse server_;
    std::unique_ptr<status_call> asked_;
    std::unique_ptr<relay_reactor> reactor_;
    relay_failure failure_;  ///< how the last stream ended
    // The io_context must not run dry while gRPC has still to post to it.
    std::optional<asio::executor_work_guard<asio::any_io_executor>> work_;
    const std::shared_ptr<flow_gate> gate_;
};

}  // namespace cpg
