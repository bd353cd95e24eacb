// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// One ServerStatus call, the question with which cpg finds out whether there is a Hubble server at all. Made,
// asked and destroyed on the session strand; gRPC's thread only leaves the answer and wakes the strand.

#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <memory>
#include <optional>

#include "observer/observer.grpc.pb.h"
#include "source/grpc_call.hpp"

namespace cpg {

class status_call {
  public:
    /// Asks. `wake` is called on gRPC's thread once there is an answer.
    status_call(const std::shared_ptr<grpc::Channel>& channel, std::function<void()> wake);

    /// How the call ended; nothing while it is under way.
    std::optional<grpc::Status> status();
    /// Only after a status that is OK.
    const observer::ServerStatusResponse& response() const { return response_; }

  private:
    void on_answer(const grpc::Status& status);

    const std::function<void()> wake_;
    const std::unique_ptr<observer::Observer::Stub> stub_;
    const observer::ServerStatusRequest request_;
    observer::ServerStatusResponse response_;
    std::optional<grpc::Status> status_;  ///< under the call's lock
    grpc_call call_;                      ///< goes first: gRPC writes to those above until it lets go
};

}  // namespace cpg
