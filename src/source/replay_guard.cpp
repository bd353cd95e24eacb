// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/replay_guard.hpp"

#include <algorithm>
#include <limits>

#include "base/limits.hpp"

namespace cpg {

void replay_guard::followed_clock::read(std::int64_t time_ns, time_point now) {
    // A century on there are still seconds enough to count with.
    constexpr std::int64_t latest_ns = std::numeric_limits<std::int64_t>::max() / 2;
    if (time_ns <= 0 || time_ns > latest_ns) return;
    const reading here{time_ns, now};
    if (!first) first = here;
    if (next && now - next->at < longest_silence) return;
    if (next) first = next;
    next = here;
}

std::optional<std::int64_t> replay_guard::followed_clock::ask_from(time_point broken_at) const {
    if (!first) return std::nullopt;
    const std::chrono::nanoseconds heard = broken_at - first->at;
    return first->time_ns + std::max(heard - longest_silence, std::chrono::nanoseconds(0)).count();
}

// Those that are too many share one.
replay_guard::followed_clock& replay_guard::clock_of(std::uint64_t node) {
    const auto found = nodes_.find(node);
    if (found != nodes_.end()) return found->second;
    return nodes_[nodes_.size() < limits::nodes_followed ? node : 0];
}

// What is served again tells the time of another day; but a node of which all came from another server first has to be
// asked from some time, too.
bool replay_guard::admit(const event_identity& event, time_point now) {
    if (!event.is_flow) {
        relay_.read(event.time_ns, now);
        return true;
    }
    const bool is_new = known_.insert(event.node, event.hash);
    followed_clock& clock = clock_of(event.node);
    if (is_new || !clock.first) clock.read(event.time_ns, now);
    return is_new;
}

std::optional<std::int64_t> replay_guard::reopen(time_point broken_at) const {
    std::optional<std::int64_t> out = relay_.ask_from(broken_at);
    for (const auto& [name, each] : nodes_)
        if (const auto from = each.ask_from(broken_at))
            out = std::min(out.value_or(std::numeric_limits<std::int64_t>::max()), *from - overlap_ns);
    return out;
}

}  // namespace cpg
