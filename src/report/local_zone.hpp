// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Local time with one offset for all times, so that naming the zone once is the truth also across a change of clocks.
// Reads the time zone when it is made; any thread.

#include <cstdint>
#include <string>

namespace cpg {

class local_zone {
  public:
    /// The offset is the one at this time.
    explicit local_zone(std::int64_t reference_ns);

    // `unknown` for the time 0.
    std::string date(std::int64_t time_ns) const { return format(time_ns, "%Y-%m-%d"); }
    std::string minute(std::int64_t time_ns) const { return format(time_ns, "%H:%M"); }
    std::string second(std::int64_t time_ns) const { return format(time_ns, "%H:%M:%S"); }
    std::string full(std::int64_t time_ns) const { return format(time_ns, "%Y-%m-%d %H:%M:%S"); }
    /// `UTC`, or `CEST (UTC+02:00)`.
    std::string name() const;

  private:
    std::string format(std::int64_t time_ns, const char* pattern) const;

    long offset_ = 0;
    std::string name_;
};

}  // namespace cpg
