// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What one thread is doing at the moment, for another that wonders whether it hangs. Any thread.

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace cpg {

class activity {
  public:
    struct step {
        std::string what;
        std::chrono::steady_clock::time_point since;
    };

    /// Empty text: nothing.
    void set(std::string what) {
        const std::lock_guard lock(mutex_);
        step_ = {std::move(what), std::chrono::steady_clock::now()};
    }
    std::optional<step> now() const {
        const std::lock_guard lock(mutex_);
        return step_.what.empty() ? std::nullopt : std::optional(step_);
    }

  private:
    mutable std::mutex mutex_;
    step step_;
};

}  // namespace cpg
