// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/shutdown.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <vector>

namespace cpg {

namespace {

using enum session_phase;
using enum session_event;
using action = session_action;

constexpr std::array all_events = {stop_wanted, input_ended, all_added, all_written, out_of_time};

/// The events that bring a new machine into the phase.
std::vector<session_event> way_to(session_phase phase) {
    switch (phase) {
        case running: return {};
        case stopping: return {stop_wanted};
        case draining: return {input_ended};
        case flushing: return {input_ended, all_added};
        case done: return {input_ended, all_added, all_written};
    }
    return {};
}

shutdown_machine in(session_phase phase) {
    shutdown_machine machine;
    for (const session_event event : way_to(phase))
        machine.on(event);
    BOOST_TEST_REQUIRE((machine.phase() == phase));
    return machine;
}

struct row {
    session_phase phase;
    session_event event;
    session_action expected;
    session_phase after;
};

// Every pair that does something; each other pair must do nothing and leave the phase.
constexpr std::array table = {
    row{running, stop_wanted, action::stop_source, stopping},
    row{running, input_ended, action::wait_for_shards, draining},
    row{stopping, input_ended, action::wait_for_shards, draining},
    row{stopping, out_of_time, action::flush, flushing},
    row{draining, all_added, action::flush, flushing},
    row{draining, out_of_time, action::flush, flushing},
    row{flushing, all_written, action::finish, done},
};

row row_of(session_phase phase, session_event event) {
    for (const row& each : table)
        if (each.phase == phase && each.event == event) return each;
    return {phase, event, action::none, phase};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shutdown_suite)

BOOST_AUTO_TEST_CASE(every_event_in_every_phase_does_what_the_table_says) {
    for (const session_phase phase : {running, stopping, draining, flushing, done})
        for (const session_event event : all_events) {
            shutdown_machine machine = in(phase);
            const row expected = row_of(phase, event);
            BOOST_TEST_CONTEXT("phase " << static_cast<int>(phase) << ", event " << static_cast<int>(event)) {
                BOOST_TEST((machine.on(event) == expected.expected));
                BOOST_TEST((machine.phase() == expected.after));
            }
        }
}

BOOST_AUTO_TEST_CASE(any_order_of_events_flushes_once_and_finishes_once_at_the_most) {
    constexpr std::size_t length = 6;
    std::array<std::size_t, length> digits{};
    for (std::size_t number = 0; number < 15'625; ++number) {
        std::size_t rest = number;
        for (std::size_t& digit : digits)
            digit = rest % all_events.size(), rest /= all_events.size();
        shutdown_machine machine;
        int flushes = 0;
        int ends = 0;
        for (const std::size_t digit : digits) {
            const session_action next = machine.on(all_events[digit]);
            flushes += next == action::flush ? 1 : 0;
            ends += next == action::finish ? 1 : 0;
        }
        BOOST_TEST_REQUIRE(flushes <= 1);
        BOOST_TEST_REQUIRE(ends <= flushes);
    }
}

BOOST_AUTO_TEST_CASE(a_signal_and_the_end_of_the_input_at_the_same_time_are_one_end) {
    shutdown_machine machine;
    BOOST_TEST((machine.on(input_ended) == action::wait_for_shards));
    BOOST_TEST((machine.on(stop_wanted) == action::none));
    BOOST_TEST((machine.on(all_added) == action::flush));
    BOOST_TEST((machine.on(stop_wanted) == action::none));
    BOOST_TEST((machine.on(all_written) == action::finish));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
