// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/status_call.hpp"

#include <utility>

namespace cpg {

status_call::status_call(const std::shared_ptr<grpc::Channel>& channel, std::function<void()> wake)
    : wake_(std::move(wake)), stub_(observer::Observer::NewStub(channel)) {
    // A lock that orders what was written above before on_answer(), visibly to a checker that can't see into
    // gRPC.
    std::unique_lock(mutex_).unlock();
    stub_->async()->ServerStatus(&context_, &request_, &response_,
                                 [this](const grpc::Status& status) { on_answer(status); });
}

status_call::~status_call() {
    cancel();
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return let_go_; });
}

std::optional<grpc::Status> status_call::status() {
    const std::lock_guard lock(mutex_);
    return status_;
}

void status_call::on_answer(const grpc::Status& status) {
    {
        const std::lock_guard lock(mutex_);
        status_ = status;
    }
    wake_();
    // Notified under the lock: the destructor may run as soon as it is free.
    const std::lock_guard lock(mutex_);
    let_go_ = true;
    done_.notify_all();
}

}  // namespace cpg
