// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A relay_machine with the clock that its driver would have, and its events by name. One thread.

#include <algorithm>
#include <array>
#include <vector>

#include "source/relay_machine.hpp"

namespace cpg::test {

using namespace std::chrono_literals;
using enum relay_phase;
using action = relay_action;
using time_point = relay_machine::time_point;

inline constexpr time_point start = time_point() + 1h;

inline constexpr relay_machine::settings usual{
    .timeout = 10s, .first_deadline = {}, .first_backoff = 1s, .longest_backoff = 1s, .patience_when_refused = 120s};

enum class happens : std::uint8_t {
    started,
    settled,
    status_given,
    status_refused,
    status_unreachable,
    answered,
    node_lost,
    complete,
    cancelled,
    mask_refused,
    lost,
    refused,
    terminal,
    time_up,
    stop,
};
using enum happens;

inline constexpr std::array all_events = {started,  settled,   status_given, status_refused, status_unreachable,
                                          answered, node_lost, complete,     cancelled,      mask_refused,
                                          lost,     refused,   terminal,     time_up,        stop};

inline stream_end end_of(happens event) {
    switch (event) {
        case complete: return stream_end::complete;
        case cancelled: return stream_end::cancelled;
        case mask_refused: return stream_end::mask_refused;
        case refused: return stream_end::refused;
        case terminal: return stream_end::terminal;
        default: return stream_end::lost;
    }
}

/// A machine and the clock that its driver would have.
struct driven {
    relay_machine machine{usual};
    time_point now = start;
    std::size_t ways = 0;

    relay_step on(happens event) {
        const relay_machine::moment at{now, ways};
        switch (event) {
            case started: return machine.on_start(at);
            case settled: return machine.on_settled(at);
            case status_given: return machine.on_status(status_answer::given, now);
            case status_refused: return machine.on_status(status_answer::refused, now);
            case status_unreachable: return machine.on_status(status_answer::unreachable, now);
            case answered: return machine.on_answer(now);
            case node_lost: return machine.on_node_lost(now);
            case time_up: return on_time();
            case stop: return machine.on_stop();
            default: return machine.on_end(end_of(event), at);
        }
    }
    /// The time of the next wake-up; nothing happens where there is none.
    relay_step on_time() {
        const auto at = machine.wakes_at();
        if (!at) return {};
        now = std::max(now, *at);
        return machine.on_time({now, ways});
    }
    relay_step all(const std::vector<happens>& events) {
        relay_step last;
        for (const happens event : events)
            last = on(event);
        return last;
    }
};

}  // namespace cpg::test
