// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Bounds an operation in time: unless the object is gone by then, its action runs on the executor. The action
// closes what the operation waits for. Made, used and destroyed on that executor, which never runs two
// handlers at once.

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

namespace cpg {

using steady_time = std::chrono::steady_clock::time_point;

class deadline {
  public:
    deadline(const asio::any_io_executor& executor, steady_time when, std::function<void()> action);
    deadline(const deadline&) = delete;
    deadline& operator=(const deadline&) = delete;
    ~deadline();

    bool passed() const { return state_->passed; }

  private:
    // Shared with the timer's handler, which may be queued already when the object goes.
    struct state {
        explicit state(const asio::any_io_executor& executor) : timer(executor) {}
        asio::steady_timer timer;
        std::function<void()> action;
        bool passed = false;
    };
    std::shared_ptr<state> state_;
};

}  // namespace cpg
