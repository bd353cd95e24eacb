// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Points in time, and as RFC 3339 text. Any thread, but for the reader.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace cpg {

/// The system's clock, in nanoseconds since the Unix epoch.
std::int64_t now_ns();

/// Nanoseconds since the Unix epoch of `2026-01-14T09:11:58.104233871Z`, with 0 to 9 digits of a second and `Z` or an
/// offset, as protobuf's JSON has it; nothing for any other text or a year outside 1678 to 2261.
std::optional<std::int64_t> parse_timestamp(std::string_view text);

/// parse_timestamp() of many times in a row: those of one minute in UTC are told by their seconds alone. One thread at
/// a time.
class timestamp_reader {
  public:
    std::optional<std::int64_t> read(std::string_view text);

  private:
    std::optional<std::int64_t> read_anew(std::string_view text);

    std::string minute_;  ///< `2026-01-14T09:11:`, or nothing yet
    std::int64_t minute_ns_ = 0;
};

/// A time as people give it to a flag: RFC 3339, or a duration (`5m`) back from `now_ns`. Nothing for any other text.
std::optional<std::int64_t> parse_moment(std::string_view text, std::int64_t now_ns);

/// From one moment to another, both of them included (as of hubble's --since and --until); without bounds, always.
struct time_window {
    std::int64_t since_ns = std::numeric_limits<std::int64_t>::min();
    std::int64_t until_ns = std::numeric_limits<std::int64_t>::max();

    bool contains(std::int64_t time_ns) const { return since_ns <= time_ns && time_ns <= until_ns; }
    bool is_bounded() const { return *this != time_window{}; }
    bool operator==(const time_window&) const = default;
};

/// RFC 3339 in UTC with 0, 3, 6 or 9 digits of a second.
std::string format_timestamp(std::int64_t nanoseconds_since_epoch);

}  // namespace cpg
