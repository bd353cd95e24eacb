// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The line that is rewritten in place on a terminal while a session runs.
#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "base/duration.hpp"
#include "session/engine.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;

constexpr auto redraw_interval = 200ms;
constexpr std::size_t bar_width = 20;

std::string bar(double share) {
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(bar_width));
    return "[" + std::string(filled, '#') + std::string(bar_width - filled, '.') + "]";
}

std::string one_decimal(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value);
    return text.data();
}

std::string bytes_text(std::uint64_t bytes) {
    return one_decimal(static_cast<double>(bytes) / 1e6) + " MB";
}

std::string seconds_text(double seconds) {
    return format_duration(std::chrono::seconds(static_cast<long long>(seconds + 0.5)));
}

}  // namespace

void session::engine::start_status_timer() {
    status_timer_.expires_after(redraw_interval);
    status_timer_.async_wait([this](asio::error_code ec) {
        if (ec || machine_.phase() == session_phase::done) return;
        log_.set_status(status_text());
        start_status_timer();
    });
}

std::string session::engine::status_text() {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started_;
    const double rate = static_cast<double>(result_.counts.flows) / elapsed.count();
    std::string out;
    if (const double share = source_->progress(); share >= 0) {
        out = bar(share) + " " + std::to_string(static_cast<int>(share * 100)) + "%  ";
        if (share > 0) out += seconds_text(elapsed.count() * (1 - share) / share) + " left  ";
    }
    if (const std::uint64_t bytes = source_->bytes_read()) out += bytes_text(bytes) + "  ";
    out += std::to_string(result_.counts.flows) + " flows  " + std::to_string(static_cast<std::uint64_t>(rate)) +
           " flows/s  " + std::to_string(workloads_) + " workloads  " + std::to_string(written_.policies) +
           " policies written";
    std::uint64_t lost = 0;
    for (const auto& [source, count] : notices_.lost_by_source())
        lost += count;
    if (lost > 0) out += "  " + std::to_string(lost) + " lost";
    if (settings_.duration) {
        const double left = std::chrono::duration<double>(*settings_.duration).count() - elapsed.count();
        out += "  " + seconds_text(std::max(left, 0.0)) + " left";
    }
    return out;
}

}  // namespace cpg
