// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// How long to wait before the next attempt: twice as long each time, with jitter, so that many clients of one
// relay don't come back at the same moment. Pure; one thread at a time.

#include <algorithm>
#include <cstdint>
#include <random>

#include "base/duration.hpp"

namespace cpg {

class backoff {
  public:
    backoff(nanoseconds first, nanoseconds most, std::uint64_t seed)
        : first_(first), most_(most), random_(static_cast<std::uint_fast32_t>(seed)), step_(first) {}

    /// Between `first` and `most`, a fifth more or less than the step.
    nanoseconds next() {
        const double jitter = std::uniform_real_distribution<double>(0.8, 1.2)(random_);
        const auto wait = std::chrono::duration_cast<nanoseconds>(step_ * jitter);
        step_ = std::min(step_ * 2, most_);
        return std::clamp(wait, first_, most_);
    }

    void reset() { step_ = first_; }

  private:
    nanoseconds first_;
    nanoseconds most_;
    std::minstd_rand random_;
    nanoseconds step_;
};

}  // namespace cpg
