// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_machine.hpp"

#include <boost/test/unit_test.hpp>

#include "source/driven_machine.hpp"
#include "source/replay_guard.hpp"

namespace cpg {

namespace {

using namespace test;

}  // namespace

BOOST_AUTO_TEST_SUITE(relay_machine_suite)

BOOST_AUTO_TEST_CASE(the_timeout_is_shared_among_the_ways_that_are_left) {
    driven it;
    it.ways = 4;
    it.all({started, settled});
    BOOST_TEST(it.machine.shares() == 4u);
    BOOST_TEST((it.machine.wakes_at() == start + 2500ms));
    it.ways = 1;
    it.now = start + 4s;
    BOOST_TEST((it.on(lost) == relay_step{action::next_way}));
    it.on(settled);
    BOOST_TEST((it.machine.wakes_at() == start + 10s));
    it.now = start + 10s;
    BOOST_TEST((it.on(lost) == relay_step{action::give_up}));
}

BOOST_AUTO_TEST_CASE(ways_are_not_tried_where_they_would_say_the_same) {
    for (const happens event : {refused, terminal}) {
        driven it;
        it.ways = 2;
        it.all({started, settled});
        BOOST_TEST((it.on(event) == relay_step{action::give_up}));
    }
}

BOOST_AUTO_TEST_CASE(the_first_deadline_is_not_counted_from_the_start) {
    relay_machine::settings given = usual;
    given.first_deadline = start + 3s;
    relay_machine machine(given);
    machine.on_start({start});
    machine.on_settled({start + 1s});
    BOOST_TEST((machine.wakes_at() == start + 3s));
}

BOOST_AUTO_TEST_CASE(a_later_connection_has_the_whole_timeout_from_when_it_is_opened) {
    driven it;
    it.all({started, settled, answered, lost, time_up});
    it.now += 60s;  // decoding what had come
    it.on(settled);
    BOOST_TEST((it.machine.wakes_at() == it.now + 10s));
}

// Half a second: a server that has answered may yet refuse.
BOOST_AUTO_TEST_CASE(a_server_that_gave_its_status_and_is_silent_stands_soon) {
    driven it;
    it.all({started, status_given, settled});
    BOOST_TEST((it.machine.wakes_at() == start + 500ms));
    BOOST_TEST((it.on(time_up) == relay_step{action::none, true}));
    BOOST_TEST(it.machine.has_connected());
}

BOOST_AUTO_TEST_CASE(a_time_that_is_not_up_does_nothing) {
    driven it;
    it.all({started, settled});
    BOOST_TEST((it.machine.on_time({start + 9s}) == relay_step{}));
    BOOST_TEST((it.machine.phase() == opening));
}

BOOST_AUTO_TEST_CASE(only_the_way_that_was_being_tried_is_blamed) {
    driven it;
    it.all({started, settled});
    BOOST_TEST(it.machine.blames_way(stream_end::lost));
    BOOST_TEST(it.machine.blames_way(stream_end::terminal));
    BOOST_TEST(!it.machine.blames_way(stream_end::mask_refused));
    BOOST_TEST(!it.machine.blames_way(stream_end::complete));
    it.on(stop);
    BOOST_TEST(!it.machine.blames_way(stream_end::cancelled));
    driven other;
    other.all({started, settled, answered});
    BOOST_TEST(!other.machine.blames_way(stream_end::lost));
}

BOOST_AUTO_TEST_CASE(waits_grow_until_flows_come) {
    relay_machine::settings given = usual;
    given.longest_backoff = 60s;
    driven it{.machine = relay_machine(given)};
    it.all({started, settled, answered});
    const auto next_wait = [&it] {
        BOOST_TEST((it.on(lost) == relay_step{action::wait}));
        it.all({time_up, settled});
        return it.machine.wait();
    };
    it.on(status_given);
    BOOST_TEST((next_wait() <= 1200ms));
    next_wait();
    BOOST_TEST((next_wait() >= 3200ms));
    it.on(answered);
    it.machine.on_flows();
    it.on(status_given);
    BOOST_TEST((next_wait() <= 1200ms));
}

BOOST_AUTO_TEST_CASE(a_refusal_on_the_way_is_waited_out_for_so_long) {
    driven it;
    it.all({started, settled, status_given, answered});
    const time_point first = it.now;
    relay_step step = it.on(refused);
    while (step == relay_step{action::wait}) {
        it.all({time_up, settled});
        step = it.on(refused);
    }
    BOOST_TEST((step == relay_step{action::give_up}));
    BOOST_TEST((it.now - first >= 120s));
    BOOST_TEST((it.now - first < 125s));
}

BOOST_AUTO_TEST_CASE(a_stream_that_stood_between_makes_patience_new) {
    driven it;
    it.all({started, settled, status_given, answered, refused});
    it.now += 110s;
    it.all({time_up, settled, answered});
    it.now += 20s;
    BOOST_TEST((it.on(refused).action == action::wait));
}

BOOST_AUTO_TEST_CASE(a_lost_node_is_asked_again_after_a_second_and_every_ten_at_the_most) {
    driven it;
    it.all({started, settled, status_given, answered, node_lost});
    BOOST_TEST((it.machine.wakes_at() == start + 1s));
    it.all({node_lost, time_up, node_lost, cancelled, settled, answered});
    const time_point repeated = start + 1s;
    it.on(node_lost);
    BOOST_TEST((it.machine.wakes_at() == repeated + 10s));
    BOOST_TEST((it.on(time_up) == relay_step{action::repeat}));
    BOOST_TEST(it.machine.reconnects() == 0u);
}

BOOST_AUTO_TEST_CASE(a_stream_that_stands_again_counts_once) {
    driven it;
    it.all({started, settled, status_given, answered});
    BOOST_TEST(it.machine.reconnects() == 0u);
    it.all({lost, time_up, settled, lost, time_up, settled, answered});
    BOOST_TEST(it.machine.reconnects() == 1u);
    it.all({status_given, mask_refused, settled, answered});
    BOOST_TEST(it.machine.reconnects() == 1u);
}

BOOST_AUTO_TEST_CASE(the_first_stream_asks_from_where_it_was_told_to) {
    relay_machine::settings given = usual;
    BOOST_TEST(!relay_machine(given).since({}).has_value());
    given.since_ns = 70;
    BOOST_TEST(relay_machine(given).since({}).value() == 70);
}

BOOST_AUTO_TEST_CASE(a_stream_that_broke_asks_from_what_has_not_been_seen) {
    driven it;
    it.all({started, settled, status_given, answered});
    BOOST_TEST(!it.machine.broken_at().has_value());
    it.now += 1h;
    it.on(lost);
    BOOST_TEST((it.machine.broken_at() == start + 1h));
    BOOST_TEST(it.machine.since(52).value() == 52);
}

// Attempts that fail do not move the time that is asked from, however many there are: what the nodes kept meanwhile is
// wanted.
BOOST_AUTO_TEST_CASE(a_long_time_without_a_relay_loses_nothing_that_nodes_kept) {
    driven it;
    it.all({started, settled, status_given, answered});
    it.now += 1h;
    it.on(lost);
    for (int attempt = 0; attempt < 1000; ++attempt)
        it.all({time_up, settled, lost});
    BOOST_TEST((it.now - start > 1h + 10min));
    BOOST_TEST((it.machine.broken_at() == start + 1h));
}

BOOST_AUTO_TEST_CASE(what_is_asked_for_moves_on_when_a_stream_has_stood_for_long) {
    driven it;
    it.all({started, settled, status_given, answered, lost});
    BOOST_TEST(it.machine.since(50).value() == 50);
    it.all({time_up, settled, answered});
    it.now += replay_guard::longest_silence - 1s;
    it.on(lost);
    BOOST_TEST(it.machine.since(80).value() == 50);
    it.all({time_up, settled, answered});
    it.now += replay_guard::longest_silence;
    it.on(lost);
    BOOST_TEST(it.machine.since(90).value() == 90);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
