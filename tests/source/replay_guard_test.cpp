// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/replay_guard.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "source/backoff.hpp"

namespace cpg {

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr replay_guard::time_point now{};

event_identity flow_at(std::int64_t time_ns, std::uint64_t hash) {
    return {true, time_ns, hash};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(replay_guard_suite)

BOOST_AUTO_TEST_CASE(without_any_message_there_is_no_time_to_ask_from) {
    BOOST_TEST(!replay_guard().reopen(now).has_value());
}

BOOST_AUTO_TEST_CASE(without_a_flow_the_servers_first_time_is_asked_from) {
    replay_guard guard;
    guard.admit({false, 5 * second, 0}, now);
    guard.admit({false, 9 * second, 0}, now);
    BOOST_TEST(guard.reopen(now).value() == 5 * second);
}

BOOST_AUTO_TEST_CASE(what_is_served_again_is_left_out_and_what_is_new_is_not) {
    replay_guard guard;
    for (std::uint64_t i = 0; i < 10; ++i)
        BOOST_TEST(guard.admit(flow_at(100 * second + static_cast<std::int64_t>(i), i), now));
    const std::int64_t since = guard.reopen(now).value();
    BOOST_TEST(since == 99 * second + 9);
    BOOST_TEST(!guard.admit(flow_at(100 * second + 9, 9), now));
    BOOST_TEST(guard.admit(flow_at(100 * second + 9, 77), now));
    BOOST_TEST(guard.admit(flow_at(99 * second + 50, 78), now));
    guard.reopen(now);
    BOOST_TEST(!guard.admit(flow_at(99 * second + 50, 78), now));
}

BOOST_AUTO_TEST_CASE(a_flow_too_old_to_be_remembered_is_not_asked_for_again) {
    replay_guard guard(4);
    std::set<std::int64_t> counted;
    for (std::int64_t i = 1; i <= 10; ++i)
        if (guard.admit(flow_at(i, static_cast<std::uint64_t>(i)), now)) counted.insert(i);
    const std::int64_t since = guard.reopen(now).value();
    BOOST_TEST(since == 7);
    for (std::int64_t i = since; i <= 20; ++i)
        if (guard.admit(flow_at(i, static_cast<std::uint64_t>(i)), now)) BOOST_TEST(counted.insert(i).second);
    BOOST_TEST(counted.size() == 20u);
}

BOOST_AUTO_TEST_CASE(a_node_ahead_of_the_server_does_not_hide_the_others) {
    replay_guard guard;
    guard.admit({false, 100 * second, 0}, now);
    guard.admit(flow_at(4000 * second, 1), now);
    guard.admit(flow_at(101 * second, 2), now);
    const auto later = now + std::chrono::seconds(10);
    BOOST_TEST(guard.reopen(later).value() == 109 * second);
    BOOST_TEST(!guard.admit(flow_at(4000 * second, 1), later));
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
