// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/progress.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace cpg {

namespace {

constexpr std::size_t longest_bar = 20;
constexpr std::size_t shortest_bar = 8;
constexpr std::string_view gap = "  ";

// Left out in the order of their rank, the highest first.
struct part {
    int rank;
    std::string text;
};

std::string bar(double share, std::size_t width) {
    const auto filled = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width));
    return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "]";
}

std::string bytes_text(std::uint64_t bytes) {
    std::array<char, 32> text{};
    const double megabytes = static_cast<double>(bytes) / 1e6;
    std::snprintf(text.data(), text.size(), megabytes < 100 ? "%.1f MB" : "%.0f MB", megabytes);
    return text.data();
}

std::string seconds_text(double seconds) {
    // Of a share that is near nothing, centuries would be left.
    constexpr double most = 99 * 3600;
    return format_duration(std::chrono::seconds(std::llround(std::min(seconds, most))));
}

std::size_t width_of(const std::vector<part>& parts) {
    std::size_t out = 0;
    for (const part& each : parts)
        out += each.text.size() + (out > 0 ? gap.size() : 0);
    return out;
}

std::string joined(const std::vector<part>& parts) {
    std::string out;
    for (const part& each : parts)
        out += (out.empty() ? "" : std::string(gap)) + each.text;
    return out;
}

std::string fitted(std::vector<part> parts, double share, std::size_t columns) {
    while (parts.size() > 1 && width_of(parts) > columns)
        parts.erase(std::ranges::max_element(parts, {}, &part::rank));
    const std::size_t used = width_of(parts) + gap.size() + 2;
    const std::size_t room = columns > used ? columns - used : 0;
    if (share >= 0 && room >= shortest_bar) parts.insert(parts.begin(), {0, bar(share, std::min(room, longest_bar))});
    return joined(parts).substr(0, columns);
}

std::vector<part> parts_of(const session_progress& so_far) {
    std::vector<part> out;
    if (so_far.share >= 0) out.push_back({0, std::to_string(static_cast<int>(so_far.share * 100)) + "%"});
    if (so_far.seconds_left) out.push_back({2, seconds_text(*so_far.seconds_left) + " left"});
    if (so_far.bytes > 0) out.push_back({6, bytes_text(so_far.bytes)});
    out.push_back({1, grouped(so_far.flows) + " flows"});
    out.push_back({5, grouped(so_far.flows_per_second) + " flows/s"});
    if (so_far.workloads > 0) out.push_back({7, grouped(so_far.workloads) + " workloads"});
    out.push_back({4, grouped(so_far.policies) + " policies"});
    if (so_far.lost > 0) out.push_back({3, grouped(so_far.lost) + " lost"});
    return out;
}

}  // namespace

std::string progress_text(const session_progress& so_far, std::size_t columns) {
    if (!so_far.task) return fitted(parts_of(so_far), so_far.share, columns);
    const activity::share& task = *so_far.task;
    const double share = static_cast<double>(task.done) / static_cast<double>(task.total);
    return fitted({{0, std::string(task.task) + " " + grouped(task.done) + "/" + grouped(task.total)}}, share, columns);
}

}  // namespace cpg
