// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/replay_guard.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <utility>

#include "base/limits.hpp"
#include "source/backoff.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t second = 1'000'000'000;
constexpr replay_guard::time_point now{};

event_identity flow_at(std::int64_t time_ns, std::uint64_t hash, std::uint64_t node = 7) {
    return {true, time_ns, hash, node};
}

event_identity status_at(std::int64_t time_ns) {
    return {.is_flow = false, .time_ns = time_ns};
}

constexpr replay_guard::time_point after(std::chrono::nanoseconds passed) {
    return now + passed;
}

// Seconds since the epoch from which a reopened stream asks.
double asked_from(const replay_guard& guard, std::chrono::nanoseconds broken_after) {
    return static_cast<double>(guard.reopen(after(broken_after)).value()) / second;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(replay_guard_suite)

BOOST_AUTO_TEST_CASE(without_any_message_there_is_no_time_to_ask_from) {
    events_of_nodes known;
    BOOST_TEST(!replay_guard(known).reopen(now).has_value());
}

BOOST_AUTO_TEST_CASE(without_a_flow_the_servers_first_time_is_asked_from) {
    events_of_nodes known;
    replay_guard guard(known);
    guard.admit(status_at(5 * second), now);
    guard.admit(status_at(9 * second), now);
    BOOST_TEST(asked_from(guard, 10s) == 5);
}

BOOST_AUTO_TEST_CASE(of_two_servers_with_the_same_nodes_each_flow_counts_once) {
    events_of_nodes known;
    replay_guard first(known);
    replay_guard second_one(known);
    BOOST_TEST(first.admit(flow_at(100 * second, 1), now));
    BOOST_TEST(!second_one.admit(flow_at(100 * second, 1), now));
    BOOST_TEST(second_one.admit(flow_at(101 * second, 2), now));
    BOOST_TEST(!first.admit(flow_at(101 * second, 2), now));
    // A node of another cluster is another node.
    BOOST_TEST(first.admit(flow_at(101 * second, 2, 8), now));
}

BOOST_AUTO_TEST_CASE(a_node_whose_flows_another_server_gave_first_is_asked_from_a_time_all_the_same) {
    events_of_nodes known;
    replay_guard first(known);
    replay_guard second_one(known);
    for (std::uint64_t i = 1; i < 4; ++i) {
        first.admit(flow_at(100 * second, i), now);
        second_one.admit(flow_at(100 * second, i), now);
    }
    BOOST_TEST(asked_from(second_one, 60s) == 99);
}

BOOST_AUTO_TEST_CASE(what_is_served_again_is_left_out_and_what_is_new_is_not) {
    events_of_nodes known;
    replay_guard guard(known);
    for (std::uint64_t i = 1; i < 10; ++i)
        BOOST_TEST(guard.admit(flow_at(100 * second, i), now));
    BOOST_TEST(asked_from(guard, 60s) == 99);
    BOOST_TEST(!guard.admit(flow_at(100 * second, 9), now));
    BOOST_TEST(guard.admit(flow_at(100 * second, 77), now));
    BOOST_TEST(guard.admit(flow_at(99 * second, 78), now));
    BOOST_TEST(!guard.admit(flow_at(99 * second, 78), now));
}

BOOST_AUTO_TEST_CASE(a_connection_may_have_been_dead_for_long_before_it_breaks) {
    events_of_nodes known;
    replay_guard guard(known);
    guard.admit(status_at(1000 * second), now);
    guard.admit(flow_at(1060 * second, 1), after(60s));
    BOOST_TEST(asked_from(guard, 7min) == 1000);
    BOOST_TEST(asked_from(guard, 8min + 30s) == 1030);
    BOOST_TEST(asked_from(guard, 3h) == 999 + 3 * 3600 - 8 * 60);
}

// Ten seconds behind relay, and an hour ahead: each is asked from what its own clock showed.
BOOST_AUTO_TEST_CASE(the_node_that_is_furthest_behind_decides) {
    events_of_nodes known;
    replay_guard guard(known);
    guard.admit(status_at(10'000 * second), now);
    guard.admit(flow_at(13'601 * second, 1, 1), after(1s));
    BOOST_TEST(asked_from(guard, 30s) == 10'000);
    guard.admit(flow_at(9'992 * second, 2, 2), after(2s));
    BOOST_TEST(asked_from(guard, 30s) == 9'991);
    BOOST_TEST(asked_from(guard, 2s + 1h) == 9'991 + 3600 - 8 * 60);
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_is_followed) {
    events_of_nodes known;
    replay_guard guard(known);
    std::uint64_t hash = 0;
    for (auto passed = 0min; passed < 60min; passed += 1min)
        guard.admit(flow_at((7200 + 60 * passed.count()) * second, ++hash), after(passed));
    for (auto passed = 60min; passed < 90min; passed += 1min)
        guard.admit(flow_at(60 * passed.count() * second, ++hash), after(passed));
    BOOST_TEST(asked_from(guard, 90min) <= 82 * 60);
    BOOST_TEST(asked_from(guard, 90min) >= 60 * 60);
}

// No time, or one that nobody's clock shows: the other clocks decide.
BOOST_AUTO_TEST_CASE(a_time_beyond_all_clocks_is_not_followed) {
    events_of_nodes known;
    replay_guard guard(known);
    for (const std::int64_t time : {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min(),
                                    std::int64_t{-1}, std::int64_t{0}})
        guard.admit(flow_at(time, static_cast<std::uint64_t>(time) | 1, static_cast<std::uint64_t>(time)), now);
    BOOST_TEST(!guard.reopen(after(100h)).has_value());
    guard.admit(status_at(std::numeric_limits<std::int64_t>::max()), now);
    guard.admit(flow_at(100 * second, 5), now);
    BOOST_TEST(asked_from(guard, 1min) == 99);
}

// Each flow has to be known until the ring that serves it again has lost it itself.
BOOST_AUTO_TEST_CASE(as_much_is_remembered_of_each_node_as_its_ring_holds) {
    for (const auto& [nodes, ring] : {std::pair{1u, 65'535u}, std::pair{512u, 4'095u}}) {
        events_of_nodes known;
        replay_guard guard(known);
        std::size_t doubled = 0;
        for (std::uint64_t i = 0; i < 2 * ring; ++i)
            for (std::uint64_t node = 1; node <= nodes; ++node)
                guard.admit(flow_at(second, (node << 32) + i, node), now);
        for (std::uint64_t i = ring; i < 2 * ring; ++i)
            for (std::uint64_t node = 1; node <= nodes; ++node)
                doubled += guard.admit(flow_at(second, (node << 32) + i, node), now);
        BOOST_TEST(doubled == 0u);
        // 128 MiB of 8-byte places.
        BOOST_TEST(known.places() <= (128u << 20) / 8);
    }
}

BOOST_AUTO_TEST_CASE(more_nodes_than_a_cluster_has_share_their_memory) {
    events_of_nodes known;
    replay_guard guard(known);
    for (std::uint64_t node = 1; node <= 100'000; ++node)
        guard.admit(flow_at(second, node, node), now);
    BOOST_TEST(!guard.admit(flow_at(second, 100'000, 100'000), now));
    BOOST_TEST(known.places() <= 2 * 64 * limits::nodes_followed + 4096);
}

BOOST_AUTO_TEST_CASE(waits_grow_between_their_bounds) {
    using std::chrono::seconds;
    backoff waits(seconds(1), seconds(30), 7);
    nanoseconds last{};
    for (int i = 0; i < 20; ++i) {
        last = waits.next();
        BOOST_TEST((last >= seconds(1) && last <= seconds(30)));
    }
    BOOST_TEST((last >= seconds(24)));
    waits.reset();
    BOOST_TEST((waits.next() <= std::chrono::milliseconds(1200)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
