// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A timer that is armed again and again and knows what it was re-armed over. Asio's own runs a handler whose time was
// up before the timer was set anew, or before its owner died: here the last arming alone acts, and none once the
// object is gone, so an action may hold its owner by a plain pointer. Made, used and destroyed on the executor, which
// never runs two handlers at once. It can be armed, disarmed and destroyed from within its own action.

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace cpg {

using steady_time = std::chrono::steady_clock::time_point;

class rearmed_timer {
  public:
    explicit rearmed_timer(const asio::any_io_executor& executor);
    rearmed_timer(const rearmed_timer&) = delete;
    rearmed_timer& operator=(const rearmed_timer&) = delete;
    ~rearmed_timer();

    /// The action runs once, at `when` or right after where that is past, in place of the one before.
    void arm(steady_time when, std::function<void()> action);
    void arm_after(std::chrono::nanoseconds wait, std::function<void()> action);
    /// No action follows until it is armed again.
    void disarm();
    /// An action is due.
    bool is_armed() const;

  private:
    // Shared with handlers that are queued already when the object goes.
    struct state {
        explicit state(const asio::any_io_executor& executor) : timer(executor) {}
        asio::steady_timer timer;
        std::uint64_t round = 0;  ///< of the last arming
        std::function<void()> action;
    };
    const std::shared_ptr<state> state_;
};

}  // namespace cpg
