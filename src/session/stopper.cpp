// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/stopper.hpp"

#include <utility>

#include "base/duration.hpp"
#include "session/stop_signals.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;

// timeout(1) signals its child and then, at once, the child's process group: the child gets the signal twice. Nobody
// presses a key twice in this time.
constexpr auto echo_time = 50ms;

}  // namespace

stopper::stopper(asio::any_io_executor strand, std::chrono::nanoseconds patience, logger& log)
    : patience_(patience),
      log_(log),
      signals_(strand),
      duration_timer_(strand),
      deadline_timer_(strand),
      echo_timer_(strand) {}

void stopper::start(std::optional<std::chrono::nanoseconds> duration, listeners tell) {
    tell_ = std::move(tell);
    add_stop_signals(signals_);
    signals_.async_wait([this](asio::error_code ec, int signal) {
        if (!ec) on_signal(signal);
    });
    if (duration) duration_timer_.arm_after(*duration, [this] { tell_.on_stop_wanted(); });
}

// Clearing the set gives the signals their usual effect back: a second one kills, even in a long write. The wait keeps
// the session from its end before, so that a short one, too, is safe from the first signal's echo.
void stopper::on_signal(int signal) {
    echo_timer_.arm_after(echo_time, [this] { give_signals_back(); });
    by_signal_ = true;
    log_.hurry();
    log_.info("stopping: writing what was received", {{"signal", signal_name(signal)}});
    tell_.on_stop_wanted();
}

void stopper::start_deadline() {
    deadline_timer_.arm_after(patience_, [this] {
        log_.error("the input did not end in time; what has been added up is written",
                   {{"patience", format_duration(patience_)}});
        tell_.on_out_of_time();
    });
}

void stopper::stop_deadline() {
    deadline_timer_.disarm();
}

void stopper::stop() {
    asio::error_code ignored;
    signals_.cancel(ignored);
    duration_timer_.disarm();
    stop_deadline();
}

void stopper::give_signals_back() {
    asio::error_code ignored;
    signals_.clear(ignored);
}

}  // namespace cpg
