// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// How far a session is, in one line that fits a terminal. Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/activity.hpp"

namespace cpg {

struct session_progress {
    double share = -1;  ///< of the input that has been read, 0 to 1; negative where it has no known end
    std::optional<double> seconds_left;  ///< until its end, or that of --duration
    std::uint64_t bytes = 0;
    std::uint64_t flows = 0;
    std::uint64_t flows_per_second = 0;
    std::size_t workloads = 0;
    std::size_t policies = 0;
    std::uint64_t lost = 0;
    std::optional<activity::share> task;  ///< after the input
};

/// At most `columns`; what matters least is left out. ASCII alone.
std::string progress_text(const session_progress& so_far, std::size_t columns);

}  // namespace cpg
