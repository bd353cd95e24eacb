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

// Those that are too many share what one remembers.
replay_guard::node& replay_guard::node_of(std::uint64_t name) {
    const auto found = nodes_.find(name);
    if (found != nodes_.end()) return found->second;
    return nodes_[nodes_.size() < limits::nodes_followed ? name : 0];
}

// A ring holds at most 65,535 flows (cilium:pkg/hubble/container/capacity.go), 4,095 unless it is told otherwise.
std::size_t replay_guard::remembered_of_each() const {
    constexpr std::size_t largest_ring = 65'536;
    return std::min(largest_ring, limits::events_remembered / std::max<std::size_t>(nodes_.size(), 1));
}

bool replay_guard::admit(const event_identity& event, time_point now) {
    if (!event.is_flow) {
        relay_.read(event.time_ns, now);
        return true;
    }
    node& from = node_of(event.node);
    if (!from.seen.insert(event.hash, remembered_of_each())) return false;
    from.clock.read(event.time_ns, now);
    return true;
}

std::optional<std::int64_t> replay_guard::reopen(time_point broken_at) const {
    std::optional<std::int64_t> out = relay_.ask_from(broken_at);
    for (const auto& [name, each] : nodes_)
        if (const auto from = each.clock.ask_from(broken_at))
            out = std::min(out.value_or(std::numeric_limits<std::int64_t>::max()), *from - overlap_ns);
    return out;
}

std::size_t replay_guard::places() const {
    std::size_t out = 0;
    for (const auto& [name, each] : nodes_)
        out += each.seen.places();
    return out;
}

}  // namespace cpg
