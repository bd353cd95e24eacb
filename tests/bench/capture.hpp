// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A capture of realistic lines (about 1.6 KB each, as Hubble prints them), the same for the same settings.
// One thread.

#include <cstdint>
#include <random>
#include <string>

namespace cpg::bench {

struct capture_settings {
    std::uint64_t flows = 300'000;
    std::uint32_t seed = 1;
    unsigned dropped_percent = 60;  ///< the rest is forwarded
    unsigned workloads = 200;
};

class capture {
  public:
    explicit capture(const capture_settings& settings) : settings_(settings), random_(settings.seed) {}
    /// The next line, with its line break.
    std::string next();

  private:
    unsigned below(unsigned bound) { return random_() % bound; }
    std::string pod(unsigned workload);

    capture_settings settings_;
    std::mt19937 random_;
    std::uint64_t made_ = 0;
};

}  // namespace cpg::bench
