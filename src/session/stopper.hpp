// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What ends a session from outside, as events for the shutdown machine: the first signal, the end of --duration, and
// after either a deadline for the input to end. Every call belongs to the session strand.

#include <asio/any_io_executor.hpp>
#include <asio/signal_set.hpp>
#include <chrono>
#include <functional>
#include <optional>

#include "base/log.hpp"
#include "base/rearmed_timer.hpp"

namespace cpg {

class stopper {
  public:
    struct listeners {
        std::function<void()> on_stop_wanted;
        std::function<void()> on_out_of_time;
    };

    /// `patience` with the input, once a stop is wanted.
    stopper(asio::any_io_executor strand, std::chrono::nanoseconds patience, logger& log);

    void start(std::optional<std::chrono::nanoseconds> duration, listeners tell);
    /// From now on the input has to end in time; once more, what it delivered has to be added up in time.
    void start_deadline();
    /// What has to be in time is.
    void stop_deadline();
    /// Nothing that would keep the session from its end is left behind.
    void stop();
    /// Signals have their usual effect again.
    void give_signals_back();

    bool by_signal() const { return by_signal_; }

  private:
    void on_signal(int signal);

    const std::chrono::nanoseconds patience_;
    logger& log_;
    asio::signal_set signals_;
    rearmed_timer duration_timer_;
    rearmed_timer deadline_timer_;
    rearmed_timer echo_timer_;  ///< while a signal's repetition is the same signal
    listeners tell_;
    bool by_signal_ = false;
};

}  // namespace cpg
