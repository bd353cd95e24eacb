// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/deadline.hpp"

#include <asio/error_code.hpp>

namespace cpg {

deadline::deadline(const asio::any_io_executor& executor, steady_time when, std::function<void()> action)
    : state_(std::make_shared<state>(executor)) {
    state_->action = std::move(action);
    state_->timer.expires_at(when);
    state_->timer.async_wait([shared = state_](const asio::error_code& error) {
        if (error || !shared->action) return;
        shared->passed = true;
        shared->action();
    });
}

deadline::~deadline() {
    state_->action = nullptr;
    state_->timer.cancel();
}

}  // namespace cpg
