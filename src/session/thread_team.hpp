// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The threads that run a session's io_context, and the one that waits for them. That one works on nothing itself: it is
// the one that is left when the others hang in a call to the system.

#include <asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace cpg {

class thread_team {
  public:
    enum class outcome : std::uint8_t {
        ended,
        stuck,  ///< long after everything was finished, some are still at work
        late,   ///< nothing was finished long after a stop was wanted
    };

    /// Looks for those that hang every `interval`; a stop may take `longest_stop`.
    thread_team(asio::io_context& context, std::chrono::nanoseconds interval, std::chrono::nanoseconds longest_stop)
        : context_(context), interval_(interval), longest_stop_(longest_stop) {}

    /// Returns when the io_context has no more work. Threads that do not come back are left behind, and keep `owner`,
    /// which has all that they use. Throws the first exception of any thread, which ends the run: a bug or a lack of
    /// memory, never a bad flow.
    outcome run(std::size_t threads, const std::shared_ptr<void>& owner);

    // Any thread.
    void note_stop_wanted();
    void note_finished();

  private:
    using clock = std::chrono::steady_clock;

    void work();
    outcome wait();
    std::optional<outcome> verdict(clock::time_point now) const;

    asio::io_context& context_;
    const std::chrono::nanoseconds interval_;
    const std::chrono::nanoseconds longest_stop_;
    std::mutex mutex_;  ///< of what follows
    std::condition_variable changed_;
    std::size_t running_ = 0;
    std::vector<std::exception_ptr> errors_;
    std::optional<clock::time_point> finished_at_;
    std::optional<clock::time_point> stop_wanted_at_;
};

}  // namespace cpg
