// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// One GetFlows call of relay-sim. A chain of steps: each write or wait that ends starts the next, so at most
// one is under way, and the call is finished by the step that finds nothing more to do or the call cancelled.
// Runs on gRPC's threads and deletes itself when gRPC is done with it.

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "relay_service.hpp"

namespace cpg::sim {

class flow_writer final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
  public:
    flow_writer(relay_service& service, observer::GetFlowsRequest request);

    void begin();

    void OnWriteDone(bool ok) override;
    void OnCancel() override;
    void OnDone() override { delete this; }

  private:
    template <class Change>
    void act(Change change);
    void step();
    void take_first_step();
    void step_on();
    void lose_node();
    bool has_end_to_tell();
    std::optional<grpc::Status> refusal() const;
    bool is_before_since() const;
    void step_with_next_flow();
    bool another_follows() const;
    void write(const grpc::ByteBuffer& message, bool keep_back = false);
    void wait_until(std::chrono::system_clock::time_point when);
    void rest(grpc::Status status);
    std::uint64_t seek(std::uint64_t event) const;

    relay_service& service_;
    const observer::GetFlowsRequest request_;
    const std::shared_ptr<const event_log> log_;
    std::vector<std::size_t> matching_;  ///< places in it
    const std::chrono::system_clock::time_point begun_ = std::chrono::system_clock::now();

    std::mutex mutex_;
    std::deque<grpc::ByteBuffer> greeting_;  ///< node status and lost events, sent before the flows
    std::uint64_t next_ = 0;                 ///< counts the events that match
    std::uint64_t sent_ = 0;
    grpc::ByteBuffer writing_;
    grpc::Alarm alarm_;
    bool started_ = false;
    bool node_lost_ = false;
    bool sent_again_ = false;
    bool end_told_ = false;
    std::uint64_t first_ = 0;  ///< as next_, where the stream began
    bool busy_ = false;        ///< a write or a wait is under way
    bool cancelled_ = false;
    bool finished_ = false;
    std::optional<grpc::Status> end_;  ///< to finish with, once the lock is free
};

}  // namespace cpg::sim
