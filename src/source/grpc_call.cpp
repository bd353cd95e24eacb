// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/grpc_call.hpp"

namespace cpg {

grpc_call::~grpc_call() {
    std::unique_lock held = lock();
    if (!begun_) return;
    held.unlock();
    cancel();
    held.lock();
    changed_.wait(held, [this] { return let_go_; });
}

// A checker of threads does not see into gRPC: the lock orders what comes before for it.
grpc::ClientContext& grpc_call::begin() {
    const std::unique_lock held = lock();
    begun_ = true;
    return context_;
}

// Notified under the lock: the destructor may run as soon as it is free.
void grpc_call::let_go() {
    const std::unique_lock held = lock();
    let_go_ = true;
    changed_.notify_all();
}

}  // namespace cpg
