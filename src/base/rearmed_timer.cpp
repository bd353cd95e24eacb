// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/rearmed_timer.hpp"

#include <asio/error_code.hpp>
#include <utility>

namespace cpg {

rearmed_timer::rearmed_timer(const asio::any_io_executor& executor) : state_(std::make_shared<state>(executor)) {}

rearmed_timer::~rearmed_timer() {
    disarm();
}

void rearmed_timer::arm(steady_time when, std::function<void()> action) {
    state_->action = std::move(action);
    state_->timer.expires_at(when);
    state_->timer.async_wait([shared = state_, round = ++state_->round](const asio::error_code& error) {
        if (error || round != shared->round || !shared->action) return;
        // Taken out first: the action may arm anew, or destroy the timer.
        std::exchange(shared->action, nullptr)();
    });
}

void rearmed_timer::arm_after(std::chrono::nanoseconds wait, std::function<void()> action) {
    arm(std::chrono::steady_clock::now() + wait, std::move(action));
}

void rearmed_timer::disarm() {
    state_->action = nullptr;
    state_->timer.cancel();
}

bool rearmed_timer::is_armed() const {
    return state_->action != nullptr;
}

}  // namespace cpg
