// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// One GetFlows call: gRPC's own threads fill a bounded inbox with undecoded messages, the session strand
// empties it. The members in CamelCase run on gRPC's threads: they push, wake the strand at most once for an
// inbox that was empty, and never block. All shared state lies under the call's lock. The end of the call travels
// in the same inbox, behind the last message. The other members are for the strand.
//
// When the inbox is full the reader parks: no read is under way and the server's flow control does the rest.
// A hold keeps gRPC's reader alive while it is parked; it is released once, when a read says that the call is
// over.

#include <grpcpp/channel.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/client_callback.h>
#include <grpcpp/support/status.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "observer/observer.pb.h"
#include "source/grpc_call.hpp"

namespace cpg {

class relay_reactor final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
  public:
    /// The reader parks at either bound.
    static constexpr std::size_t most_messages = 256;
    static constexpr std::size_t most_bytes = 4 * 1024 * 1024;

    struct taken {
        std::vector<grpc::ByteBuffer> messages;
        bool answered = false;            ///< the server has sent something, if only its metadata
        bool left = false;                ///< there are messages, but they were not wanted
        std::optional<grpc::Status> end;  ///< once, after the last message
    };

    /// `wake` is called on gRPC's threads when there is something to take.
    explicit relay_reactor(std::function<void()> wake) : wake_(std::move(wake)) {}
    relay_reactor(const relay_reactor&) = delete;
    relay_reactor& operator=(const relay_reactor&) = delete;
    /// Wakes a reader that is parked, cancels the call and waits for gRPC to let go of it.
    ~relay_reactor() override { cancel(); }

    void start(const std::shared_ptr<grpc::Channel>& channel, const observer::GetFlowsRequest& request);
    /// The whole inbox, or nothing when there are messages and they are not wanted yet; then drain() again,
    /// unwoken.
    taken drain(bool want_messages);
    void cancel();

    void OnReadInitialMetadataDone(bool ok) override;
    void OnReadDone(bool ok) override;
    void OnDone(const grpc::Status& status) override;

  private:
    bool push_message();
    bool wake_is_due() { return !std::exchange(scheduled_, true); }
    void read_on_if_parked();

    const std::function<void()> wake_;
    grpc::ByteBuffer request_;
    grpc::ByteBuffer message_;  ///< where gRPC puts the message that is being read

    // Those up to the call lie under its lock.
    std::vector<grpc::ByteBuffer> inbox_;
    std::size_t inbox_bytes_ = 0;
    std::optional<grpc::Status> end_;
    bool answered_ = false;
    bool scheduled_ = false;  ///< the strand has been woken and has not taken yet
    bool parked_ = false;
    bool cancelled_ = false;  ///< what still comes must not park the reader: nobody would wake it
    bool held_ = false;
    grpc_call call_;  ///< goes first: gRPC uses those above until it lets go
};

}  // namespace cpg
