// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// One ServerStatus call, the question with which cpg finds out whether there is a Hubble server at all. Made,
// asked and destroyed on the session strand; gRPC's thread only leaves the answer and wakes the strand.

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "observer/observer.grpc.pb.h"

namespace cpg {

class status_call {
  public:
    /// Asks. `wake` is called on gRPC's thread once there is an answer.
    status_call(const std::shared_ptr<grpc::Channel>& channel, std::function<void()> wake);
    status_call(const status_call&) = delete;
    status_call& operator=(const status_call&) = delete;
    /// Cancels the call and waits for gRPC to let go of it.
    ~status_call();

    void cancel() { context_.TryCancel(); }
    /// How the call ended; nothing while it is under way.
    std::optional<grpc::Status> status();
    /// Only after a status that is OK.
    const observer::ServerStatusResponse& response() const { return response_; }

  private:
    void on_answer(const grpc::Status& status);

    const std::function<void()> wake_;
    const std::unique_ptr<observer::Observer::Stub> stub_;
    grpc::ClientContext context_;
    const observer::ServerStatusRequest request_;
    observer::ServerStatusResponse response_;

    std::mutex mutex_;
    std::condition_variable done_;
    std::optional<grpc::Status> status_;
    bool let_go_ = false;
};

}  // namespace cpg
