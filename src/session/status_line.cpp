// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The line that is rewritten in place on a terminal while a session runs, in whatever width the terminal has.
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/terminal.hpp"
#include "session/engine.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;

constexpr auto redraw_interval = 200ms;
constexpr std::size_t usual_columns = 80;

}  // namespace

void session::engine::start_status_line() {
    asio::error_code ignored;
    resized_.add(SIGWINCH, ignored);
    await_resize();
    start_status_timer();
}

void session::engine::await_resize() {
    resized_.async_wait([this](asio::error_code ec, int) {
        if (ec || machine_.phase() == session_phase::done) return;
        draw_status();
        await_resize();
    });
}

void session::engine::start_status_timer() {
    status_timer_.expires_after(redraw_interval);
    status_timer_.async_wait([this](asio::error_code ec) {
        if (ec || machine_.phase() == session_phase::done) return;
        draw_status();
        start_status_timer();
    });
}

// The last column stays free: a character there makes some terminals begin another line.
void session::engine::draw_status() {
    const std::size_t columns = terminal_columns(STDERR_FILENO).value_or(usual_columns);
    log_.set_status(progress_text(progress_so_far(), columns - 1));
}

session_progress session::engine::progress_so_far() const {
    const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
    session_progress out{
        .share = source_->progress(),
        .seconds_left = {},
        .bytes = source_->bytes_read(),
        .flows = result_.counts.flows,
        .flows_per_second = static_cast<std::uint64_t>(static_cast<double>(result_.counts.flows) / elapsed),
        .workloads = workloads_,
        .policies = written_.policies,
        .lost = 0,
        .task = {}};
    if (out.share > 0) out.seconds_left = elapsed * (1 - out.share) / out.share;
    if (settings_.duration)
        out.seconds_left = std::max(std::chrono::duration<double>(*settings_.duration).count() - elapsed, 0.0);
    for (const auto& [source, count] : notices_.lost_by_source())
        out.lost += count;
    if (machine_.phase() == session_phase::flushing) out.task = writing_.progress();
    return out;
}

}  // namespace cpg
