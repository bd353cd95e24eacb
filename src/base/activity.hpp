// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What one thread is doing at the moment, for another that wonders whether it hangs or shows how far it is. Any thread.

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cpg {

class activity {
  public:
    struct step {
        std::string what;
        std::chrono::steady_clock::time_point since;
    };
    struct share {
        std::string_view task;
        std::size_t done = 0;
        std::size_t total = 0;
    };

    /// Steps follow that are one task. `task` is for people and has static storage.
    void begin(std::string_view task, std::size_t total) {
        const std::lock_guard lock(mutex_);
        step_ = {};
        task_ = {task, 0, total};
    }
    /// The next step.
    void set(std::string what) {
        const std::lock_guard lock(mutex_);
        if (!step_.what.empty()) ++task_.done;
        step_ = {std::move(what), std::chrono::steady_clock::now()};
    }
    /// Nothing is being done.
    void end() {
        const std::lock_guard lock(mutex_);
        step_ = {};
        task_ = {};
    }
    std::optional<step> now() const {
        const std::lock_guard lock(mutex_);
        return step_.what.empty() ? std::nullopt : std::optional(step_);
    }
    /// How far the task is; nothing where there is none.
    std::optional<share> progress() const {
        const std::lock_guard lock(mutex_);
        return task_.total == 0 ? std::nullopt : std::optional(task_);
    }

  private:
    mutable std::mutex mutex_;
    step step_;
    share task_;
};

}  // namespace cpg
