// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/status_call.hpp"

#include <utility>

namespace cpg {

status_call::status_call(const std::shared_ptr<grpc::Channel>& channel, std::function<void()> wake)
    : wake_(std::move(wake)), stub_(observer::Observer::NewStub(channel)) {
    stub_->async()->ServerStatus(&call_.begin(), &request_, &response_,
                                 [this](const grpc::Status& status) { on_answer(status); });
}

std::optional<grpc::Status> status_call::status() {
    const auto held = call_.lock();
    return status_;
}

void status_call::on_answer(const grpc::Status& status) {
    {
        const auto held = call_.lock();
        status_ = status;
    }
    wake_();
    call_.let_go();
}

}  // namespace cpg
