// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/cpu_limit.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <thread>

namespace cpg {

namespace {

namespace fs = std::filesystem;

// `0::/kubepods/pod1/container`; other lines are of cgroup v1.
std::optional<fs::path> group_of_process(const fs::path& root) {
    constexpr std::string_view unified = "0::/";
    std::ifstream in(root / "proc/self/cgroup");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with(unified)) return fs::path(line.substr(unified.size())).relative_path();
    return std::nullopt;
}

// `max 100000`, or the time in each period, both in microseconds.
std::optional<double> limit_in(const fs::path& file) {
    std::ifstream in(file);
    double time = 0;
    double period = 0;
    if (!(in >> time >> period) || time <= 0 || period <= 0) return std::nullopt;
    return time / period;
}

}  // namespace

std::optional<double> cpu_limit(const fs::path& root) {
    const auto group = group_of_process(root);
    if (!group) return std::nullopt;
    std::optional<double> least;
    for (fs::path at = *group;; at = at.parent_path()) {
        if (const auto limit = limit_in(root / "sys/fs/cgroup" / at / "cpu.max"))
            least = least ? std::min(*least, *limit) : *limit;
        if (at.empty()) return least;
    }
}

std::size_t worker_count() {
    const double cores = std::max(1u, std::thread::hardware_concurrency());
    return static_cast<std::size_t>(std::max(2.0, std::min(cores, std::ceil(cpu_limit().value_or(cores)))));
}

}  // namespace cpg
