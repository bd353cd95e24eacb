// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/status_line.hpp"

#include <unistd.h>

#include <csignal>
#include <utility>

#include "base/terminal.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;

constexpr auto redraw_interval = 200ms;
constexpr std::size_t usual_columns = 80;

}  // namespace

status_line::status_line(asio::any_io_executor strand, std::function<session_progress()> now, logger& log)
    : now_(std::move(now)), log_(log), resized_(strand), timer_(strand) {}

void status_line::start() {
    asio::error_code ignored;
    resized_.add(SIGWINCH, ignored);
    await_resize();
    await_tick();
}

void status_line::await_resize() {
    resized_.async_wait([this](asio::error_code ec, int) {
        if (ec || stopped_) return;
        draw();
        await_resize();
    });
}

void status_line::await_tick() {
    timer_.arm_after(redraw_interval, [this] {
        draw();
        await_tick();
    });
}

// The last column stays free: a character there makes some terminals begin another line.
void status_line::draw() {
    const std::size_t columns = terminal_columns(STDERR_FILENO).value_or(usual_columns);
    log_.set_status(progress_text(now_(), columns - 1));
}

void status_line::stop() {
    stopped_ = true;
    asio::error_code ignored;
    resized_.cancel(ignored);
    timer_.disarm();
    log_.set_status({});
}

void status_line::give_signals_back() {
    asio::error_code ignored;
    resized_.clear(ignored);
}

}  // namespace cpg
