// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Prints a capture: make_capture [FLOWS [SEED [PERCENT_DROPPED [WORKLOADS]]]]
//               or: make_capture WORLD [FLOWS [SEED [WORKLOADS]]]      with a world of capture.hpp
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "bench/capture.hpp"

int main(int argc, char** argv) {
    const auto number = [&](int index, unsigned long fallback) {
        return argc > index ? std::strtoul(argv[index], nullptr, 10) : fallback;
    };
    cpg::bench::capture_settings settings;
    const auto world = argc > 1 ? cpg::bench::world_of(argv[1]) : std::nullopt;
    settings.world = world.value_or(settings.world);
    const int first = world ? 2 : 1;
    if (world) settings.workloads = 1000;
    settings.flows = number(first, settings.flows);
    settings.seed = static_cast<std::uint32_t>(number(first + 1, settings.seed));
    if (!world) settings.dropped_percent = static_cast<unsigned>(number(3, settings.dropped_percent));
    settings.workloads = static_cast<unsigned>(std::max(number(4, settings.workloads), 1ul));
    cpg::bench::capture lines(settings);
    for (std::uint64_t i = 0; i < settings.flows && std::cout; ++i)
        std::cout << lines.next();
    return std::cout.flush() ? 0 : 1;
}
