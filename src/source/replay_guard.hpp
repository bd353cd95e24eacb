// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Sees to it that a flow counts once although it is served again, and that none is left out that a node still has.
// Pure; one thread at a time.
//
// Served again are flows after cpg has opened its stream anew, asking for those since a point in time, and after relay
// has lost a node and asks it anew with cpg's own request (cilium:pkg/hubble/relay/observer, flowCollector); and where
// several servers have the same nodes, each flow comes from each of them. All are known by what names an event, see
// events_of_nodes.
//
// The point in time must be before everything that has not come. Nodes' clocks differ, so each node's own is followed:
// it is asked from the time that its clock showed `longest_silence` before the break, but not from before its first
// flow. Relay has one clock for all nodes that have said nothing yet, and `since` is one for all nodes: the earliest.

#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "source/events_of_nodes.hpp"

namespace cpg {

/// What tells one event from all others.
struct event_identity {
    bool is_flow = false;
    std::int64_t time_ns = 0;  ///< 0 when absent
    std::uint64_t hash = 0;    ///< of the flow's uuid, or of what else names it
    std::uint64_t node = 0;    ///< hash of the node's name; of a flow
};

class replay_guard {
  public:
    /// A clock that stands still while the machine sleeps: nothing is received in that time.
    using time_point = std::chrono::steady_clock::time_point;

    /// For so long a connection may be dead before anybody notices: gRPC's keepalive, and relay's time to sort.
    static constexpr std::chrono::nanoseconds longest_silence = std::chrono::minutes(8);
    /// How far before a flow another of the same node may still be under way.
    static constexpr std::int64_t overlap_ns = 1'000'000'000;

    /// What has come is remembered in `known`, which outlives this object.
    explicit replay_guard(events_of_nodes& known) : known_(known) {}

    /// Lets the processor fetch what admit() will look at.
    void expect(const event_identity& event) const { known_.expect(event.node, event.hash); }
    /// To be asked for every event. False for a flow that has come before. `now` is when it was received.
    bool admit(const event_identity& event, time_point now);

    /// The stream, which broke at `broken_at`, is about to be opened again: the time (ns since the epoch) from which to
    /// ask for flows, or nothing when the server has sent nothing that has a time.
    std::optional<std::int64_t> reopen(time_point broken_at) const;

  private:
    // A time of a clock and when it was read.
    struct reading {
        std::int64_t time_ns = 0;
        time_point at;
    };

    // A clock that is read anew now and then: it may be set while cpg runs.
    struct followed_clock {
        std::optional<reading> first;
        std::optional<reading> next;

        void read(std::int64_t time_ns, time_point now);
        /// Nothing before the first reading.
        std::optional<std::int64_t> ask_from(time_point broken_at) const;
    };

    followed_clock& clock_of(std::uint64_t node);

    events_of_nodes& known_;
    std::unordered_map<std::uint64_t, followed_clock> nodes_;
    followed_clock relay_;
};

}  // namespace cpg
