// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A GetFlows call that reads undecoded messages as fast as they come and keeps none: what any client must do at the
// least. on_message() runs on gRPC's threads; the rest is for the owner, one thread.

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <memory>

#include "source/relay_request.hpp"

namespace cpg::test {

class raw_flows : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
  public:
    void start(const std::shared_ptr<grpc::Channel>& channel) {
        bool owned = false;
        const auto request = flows_request({}, {}, std::nullopt);
        grpc::SerializationTraits<observer::GetFlowsRequest>::Serialize(request, &request_, &owned);
        grpc::GenericStub(channel).PrepareBidiStreamingCall(&context_, "/observer.Observer/GetFlows", {}, this);
        StartWriteLast(&request_, {});
        StartRead(&message_);
        StartCall();
    }
    /// Returns when gRPC has let go of this object.
    void finish() {
        context_.TryCancel();
        done_.wait(false);
    }

    void OnReadDone(bool ok) final {
        if (!ok) return;
        on_message(message_);
        StartRead(&message_);
    }
    void OnDone(const grpc::Status&) final {
        done_ = true;
        done_.notify_all();
    }

  private:
    virtual void on_message(const grpc::ByteBuffer& message) = 0;

    grpc::ClientContext context_;
    grpc::ByteBuffer request_;
    grpc::ByteBuffer message_;
    std::atomic<bool> done_ = false;
};

}  // namespace cpg::test
