// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Durations as Go's time package prints and reads them, for users of kubectl and hubble, and days as well: a day is 24
// hours. Pure; any thread.

#include <chrono>
#include <string>
#include <string_view>

namespace cpg {

using nanoseconds = std::chrono::nanoseconds;

/// Reads `300ms`, `5s`, `1m30s`, `2h`, `1.5h`, `7d`, `0`. Units: ns, us, µs, ms, s, m, h, d.
/// Throws std::invalid_argument with a sentence when the text is no such duration or over about 292 years.
nanoseconds parse_duration(std::string_view text);

/// Prints as Go does: `0s`, `300ms`, `1.5s`, `1m30s`, `2h0m0s`.
std::string format_duration(nanoseconds value);

}  // namespace cpg
