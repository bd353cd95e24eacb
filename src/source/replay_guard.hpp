// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Sees to it that a flow counts once although a reopened stream serves the last ones again. Pure; one thread
// at a time.
//
// A reopened stream asks for flows since a point in time. Relay merges its nodes' flows by time only within a
// second, so that point lies a second before the newest flow: what a slower node had still to say comes too.
// All flows from there on that had come before are known by the hash of their uuid and left out. The memory
// is a ring of the last flows; when flows come so fast that it doesn't reach back a second, the point moves
// up to where it does, so a flow is at worst missed (it was lost with the connection anyway), never counted
// twice.

#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

namespace cpg {

/// What tells one event from all others.
struct event_identity {
    bool is_flow = false;
    std::int64_t time_ns = 0;  ///< 0 when absent
    std::uint64_t hash = 0;    ///< of the flow's uuid, or of what else names it
};

class replay_guard {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    static constexpr std::size_t most_remembered = 1u << 15;
    static constexpr std::int64_t overlap_ns = 1'000'000'000;

    explicit replay_guard(std::size_t capacity = most_remembered) : ring_(capacity) {}

    /// To be asked for every event. False for a flow that came before the stream was reopened. `now` matters only for
    /// those that are no flows.
    bool admit(const event_identity& event, time_point now);

    /// The stream is about to be opened again: the time (ns since the epoch) from which to ask for flows, or
    /// nothing when the server has sent nothing that has a time.
    std::optional<std::int64_t> reopen(time_point now);

  private:
    struct entry {
        std::int64_t time_ns = 0;
        std::uint64_t hash = 0;
    };

    void remember(const event_identity& event);
    std::int64_t not_after_server(std::int64_t time_ns, time_point now) const;

    std::vector<entry> ring_;
    std::size_t next_ = 0;
    bool any_flow_ = false;
    bool forgotten_any_ = false;
    std::int64_t newest_ns_ = 0;
    std::int64_t newest_forgotten_ns_ = 0;
    std::optional<std::int64_t> server_start_ns_;  ///< relay's own clock, at its first message
    time_point server_start_;
    std::unordered_set<std::uint64_t> known_;  ///< flows that may be served again
    std::int64_t known_until_ns_ = 0;
};

}  // namespace cpg
