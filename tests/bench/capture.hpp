// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Captures of realistic lines (about 1.6 KB each, as Hubble prints them), the same for the same settings: the worlds
// that cpg is measured with. One thread.

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "support/flow_line.hpp"

namespace cpg::bench {

enum class world : std::uint8_t {
    plain,      ///< `workloads` of one pod, five peers each on eight ports, some flows let through
    steady,     ///< workloads of three pods, two to eight peers each on ten ports, DNS, a fifth with addresses outside
    wide,       ///< both ends, the port and a label of the pod at random for every flow
    dirty,      ///< steady, and among it flows that make no rule, of all kinds, L7, IPv6, lines that are no flow
    forwarded,  ///< steady, nine of ten flows let through
    peers,      ///< one workload and an address outside that is new in each flow
    workloads,  ///< a workload that is new in each flow
    ports,      ///< a scan: one workload, and an address outside and a port that are new in each flow
};

/// By its name here; nothing for another.
std::optional<world> world_of(std::string_view name);

struct capture_settings {
    std::uint64_t flows = 300'000;
    std::uint32_t seed = 1;
    unsigned dropped_percent = 60;  ///< the rest is forwarded; plain
    unsigned workloads = 200;
    bench::world world = world::plain;
};

class capture {
  public:
    explicit capture(const capture_settings& settings) : settings_(settings), random_(settings.seed) {}
    /// The next line, with its line break.
    std::string next();

  private:
    using shown = test::shown_flow;

    unsigned below(unsigned bound) { return random_() % bound; }
    shown plain_flow();
    shown steady_flow();
    shown wide_flow();
    shown scan_flow();
    std::string dirty_line();
    void spoil(shown& flow, unsigned how);
    std::string uuid();
    std::string printed(shown flow);

    capture_settings settings_;
    std::mt19937 random_;
    std::uint64_t made_ = 0;
    std::int64_t time_ns_ = 1'768'381'918'000'000'000;
};

}  // namespace cpg::bench
