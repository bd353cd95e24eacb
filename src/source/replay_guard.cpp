// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/replay_guard.hpp"

#include <algorithm>

namespace cpg {

bool replay_guard::admit(const event_identity& event, time_point now) {
    if (!event.is_flow) {
        // Node status comes first from relay, and with relay's time.
        if (!server_start_ns_ && event.time_ns != 0) {
            server_start_ns_ = event.time_ns;
            server_start_ = now;
        }
        return true;
    }
    if (event.time_ns <= known_until_ns_ && known_.contains(event.hash)) return false;
    remember(event);
    return true;
}

void replay_guard::remember(const event_identity& event) {
    entry& place = ring_[next_ % ring_.size()];
    if (next_ >= ring_.size()) {
        newest_forgotten_ns_ = forgotten_any_ ? std::max(newest_forgotten_ns_, place.time_ns) : place.time_ns;
        forgotten_any_ = true;
    }
    place = {event.time_ns, event.hash};
    ++next_;
    newest_ns_ = any_flow_ ? std::max(newest_ns_, event.time_ns) : event.time_ns;
    any_flow_ = true;
}

std::optional<std::int64_t> replay_guard::reopen(time_point now) {
    if (!any_flow_) return server_start_ns_;
    std::int64_t since = not_after_server(newest_ns_, now) - overlap_ns;
    if (forgotten_any_) since = std::max(since, not_after_server(newest_forgotten_ns_, now) + 1);
    known_.clear();
    for (std::size_t i = 0; i < std::min(next_, ring_.size()); ++i)
        if (ring_[i].time_ns >= since || ring_[i].time_ns == 0) known_.insert(ring_[i].hash);
    known_until_ns_ = newest_ns_;
    return since;
}

// One node with its clock an hour ahead must not make the others' next hour be left out.
std::int64_t replay_guard::not_after_server(std::int64_t time_ns, time_point now) const {
    if (!server_start_ns_) return time_ns;
    const auto passed = std::chrono::duration_cast<std::chrono::nanoseconds>(now - server_start_).count();
    return std::min(time_ns, *server_start_ns_ + passed);
}

}  // namespace cpg
