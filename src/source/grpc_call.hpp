// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a call shares with gRPC's threads: its context, one lock, and the word that gRPC has let go. The destructor
// cancels the call and waits for that word, so whoever has one as its last member is never called back when it is gone.
// Made, begun and destroyed on one thread or strand; the rest is for any thread.

#include <grpcpp/client_context.h>

#include <condition_variable>
#include <mutex>

namespace cpg {

class grpc_call {
  public:
    grpc_call() = default;
    grpc_call(const grpc_call&) = delete;
    grpc_call& operator=(const grpc_call&) = delete;
    ~grpc_call();

    /// Right before gRPC gets the call: let_go() has to follow. What was written before is seen by who locks after.
    grpc::ClientContext& begin();
    void cancel() { context_.TryCancel(); }
    /// Over all that the call's own threads and its owner share; nothing else is locked under it.
    std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
    /// gRPC's last word, on its thread: the owner may be gone before this returns.
    void let_go();

  private:
    grpc::ClientContext context_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool begun_ = false;
    bool let_go_ = false;
};

}  // namespace cpg
