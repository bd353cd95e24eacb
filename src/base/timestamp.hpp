// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Points in time, and as RFC 3339 text. Any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cpg {

/// The system's clock, in nanoseconds since the Unix epoch.
std::int64_t now_ns();

/// Nanoseconds since the Unix epoch of `2026-01-14T09:11:58.104233871Z`, with 0 to 9 digits of a second and `Z` or an
/// offset, as protobuf's JSON has it; nothing for any other text or a year outside 1678 to 2261.
std::optional<std::int64_t> parse_timestamp(std::string_view text);

/// RFC 3339 in UTC with 0, 3, 6 or 9 digits of a second.
std::string format_timestamp(std::int64_t nanoseconds_since_epoch);

}  // namespace cpg
