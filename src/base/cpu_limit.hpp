// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// How many CPUs this process may use, where its control group limits their time: a container on a node of 64 cores may
// have half of one, and 64 threads would only wait for each other. Any thread.

#include <filesystem>
#include <optional>

namespace cpg {

/// CPUs' worth of time, such as 0.5, by the tightest `cpu.max` (cgroup v2) of the process's group and those around it.
/// Nothing without a limit, or where it can't be read. `root` stands before /proc and /sys.
std::optional<double> cpu_limit(const std::filesystem::path& root = "/");

/// Threads for work that takes all the CPU there is: one a core of this machine, fewer where the limit is lower, at
/// least two.
std::size_t worker_count();

}  // namespace cpg
