// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Every event in every state of a relay_machine, and any order of them.

#include <boost/test/unit_test.hpp>
#include <random>
#include <string_view>

#include "source/driven_machine.hpp"

namespace cpg {

namespace {

using namespace test;

/// States that a phase has more than one of are rows of their own.
struct state {
    const char* name;
    relay_phase phase;
    std::vector<happens> way;
};

const std::vector<state> states = {
    {"settling first", settling, {started}},
    {"opening first", opening, {started, settled}},
    {"opening first, status given", opening, {started, settled, status_given}},
    {"opening first, status refused", opening, {started, settled, status_refused}},
    {"open, unannounced", open, {started, settled, answered}},
    {"open", open, {started, settled, status_given, answered}},
    {"open, node lost", open, {started, settled, status_given, answered, node_lost}},
    {"open, repeating", open, {started, settled, status_given, answered, node_lost, time_up}},
    {"settling to repeat", settling, {started, settled, status_given, answered, node_lost, time_up, cancelled}},
    {"opening to repeat", opening, {started, settled, status_given, answered, node_lost, time_up, cancelled, settled}},
    {"waiting", waiting, {started, settled, status_given, answered, lost}},
    {"settling again", settling, {started, settled, status_given, answered, lost, time_up}},
    {"opening again", opening, {started, settled, status_given, answered, lost, time_up, settled}},
    {"opening, stopping", opening, {started, settled, stop}},
    {"open, stopping", open, {started, settled, status_given, answered, stop}},
    {"ended", ended, {started, stop}},
};

struct row {
    const char* in;
    happens event;
    relay_step expected;
    relay_phase after;
};

// Every pair that does something; each other must do nothing and leave the phase.
const std::vector<row> table = {
    {"settling first", settled, {action::open}, opening},
    {"settling first", stop, {action::finish}, ended},

    {"opening first", answered, {}, open},
    {"opening first", complete, {action::finish}, ended},
    {"opening first", cancelled, {action::give_up}, ended},
    {"opening first", mask_refused, {action::reopen}, settling},
    {"opening first", lost, {action::give_up}, ended},
    {"opening first", refused, {action::give_up}, ended},
    {"opening first", terminal, {action::give_up}, ended},
    {"opening first", time_up, {action::unanswered}, opening},
    {"opening first", stop, {action::cancel}, opening},

    {"opening first, status given", answered, {action::none, true}, open},
    {"opening first, status given", complete, {action::finish}, ended},
    {"opening first, status given", cancelled, {action::give_up}, ended},
    {"opening first, status given", mask_refused, {action::reopen}, settling},
    {"opening first, status given", lost, {action::give_up}, ended},
    {"opening first, status given", refused, {action::give_up}, ended},
    {"opening first, status given", terminal, {action::give_up}, ended},
    {"opening first, status given", time_up, {action::none, true}, open},
    {"opening first, status given", stop, {action::cancel}, opening},

    {"opening first, status refused", answered, {action::none, true}, open},
    {"opening first, status refused", complete, {action::finish}, ended},
    {"opening first, status refused", cancelled, {action::give_up}, ended},
    {"opening first, status refused", mask_refused, {action::reopen}, settling},
    {"opening first, status refused", lost, {action::give_up}, ended},
    {"opening first, status refused", refused, {action::give_up}, ended},
    {"opening first, status refused", terminal, {action::give_up}, ended},
    {"opening first, status refused", time_up, {action::none, true}, open},
    {"opening first, status refused", stop, {action::cancel}, opening},

    {"open, unannounced", status_given, {action::none, true}, open},
    {"open, unannounced", status_refused, {action::none, true}, open},
    {"open, unannounced", status_unreachable, {action::none, true}, open},
    {"open, unannounced", time_up, {action::none, true}, open},
    {"open, unannounced", complete, {action::finish, true}, ended},
    {"open, unannounced", cancelled, {action::wait, true}, waiting},
    {"open, unannounced", mask_refused, {action::reopen, true}, settling},
    {"open, unannounced", lost, {action::wait, true}, waiting},
    {"open, unannounced", refused, {action::wait, true}, waiting},
    {"open, unannounced", terminal, {action::give_up, true}, ended},
    {"open, unannounced", stop, {action::cancel}, open},

    {"open", complete, {action::finish}, ended},
    {"open", cancelled, {action::wait}, waiting},
    {"open", mask_refused, {action::reopen}, settling},
    {"open", lost, {action::wait}, waiting},
    {"open", refused, {action::wait}, waiting},
    {"open", terminal, {action::give_up}, ended},
    {"open", stop, {action::cancel}, open},

    {"open, node lost", time_up, {action::repeat}, open},
    {"open, node lost", complete, {action::finish}, ended},
    {"open, node lost", cancelled, {action::wait}, waiting},
    {"open, node lost", mask_refused, {action::reopen}, settling},
    {"open, node lost", lost, {action::wait}, waiting},
    {"open, node lost", refused, {action::wait}, waiting},
    {"open, node lost", terminal, {action::give_up}, ended},
    {"open, node lost", stop, {action::cancel}, open},

    {"open, repeating", cancelled, {action::reopen}, settling},
    {"open, repeating", complete, {action::finish}, ended},
    {"open, repeating", mask_refused, {action::reopen}, settling},
    {"open, repeating", lost, {action::wait}, waiting},
    {"open, repeating", refused, {action::wait}, waiting},
    {"open, repeating", terminal, {action::give_up}, ended},
    {"open, repeating", stop, {action::cancel}, open},

    {"settling to repeat", settled, {action::open}, opening},
    {"settling to repeat", stop, {action::finish}, ended},

    {"opening to repeat", answered, {}, open},
    {"opening to repeat", time_up, {}, open},
    {"opening to repeat", complete, {action::finish}, ended},
    {"opening to repeat", cancelled, {action::wait}, waiting},
    {"opening to repeat", mask_refused, {action::reopen}, settling},
    {"opening to repeat", lost, {action::wait}, waiting},
    {"opening to repeat", refused, {action::wait}, waiting},
    {"opening to repeat", terminal, {action::give_up}, ended},
    {"opening to repeat", stop, {action::cancel}, opening},

    {"waiting", time_up, {action::connect}, settling},
    {"waiting", stop, {action::finish}, ended},

    {"settling again", settled, {action::open}, opening},
    {"settling again", stop, {action::finish}, ended},

    {"opening again", answered, {}, open},
    {"opening again", time_up, {action::unanswered}, opening},
    {"opening again", complete, {action::finish}, ended},
    {"opening again", cancelled, {action::wait}, waiting},
    {"opening again", mask_refused, {action::reopen}, settling},
    {"opening again", lost, {action::wait}, waiting},
    {"opening again", refused, {action::wait}, waiting},
    {"opening again", terminal, {action::give_up}, ended},
    {"opening again", stop, {action::cancel}, opening},

    {"opening, stopping", answered, {}, open},
    {"opening, stopping", complete, {action::finish}, ended},
    {"opening, stopping", cancelled, {action::finish}, ended},
    {"opening, stopping", mask_refused, {action::finish}, ended},
    {"opening, stopping", lost, {action::finish}, ended},
    {"opening, stopping", refused, {action::finish}, ended},
    {"opening, stopping", terminal, {action::finish}, ended},

    {"open, stopping", complete, {action::finish}, ended},
    {"open, stopping", cancelled, {action::finish}, ended},
    {"open, stopping", mask_refused, {action::finish}, ended},
    {"open, stopping", lost, {action::finish}, ended},
    {"open, stopping", refused, {action::finish}, ended},
    {"open, stopping", terminal, {action::finish}, ended},
};

row row_of(const state& in, happens event) {
    for (const row& each : table)
        if (std::string_view(each.in) == in.name && each.event == event) return each;
    return {in.name, event, {}, in.phase};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(relay_machine_table_suite)

BOOST_AUTO_TEST_CASE(every_event_in_every_state_does_what_the_table_says) {
    for (const state& in : states)
        for (const happens event : all_events) {
            if (event == started) continue;
            BOOST_TEST_CONTEXT(in.name << ", event " << static_cast<int>(event)) {
                driven it;
                it.all(in.way);
                BOOST_TEST_REQUIRE((it.machine.phase() == in.phase));
                const row expected = row_of(in, event);
                BOOST_TEST((it.on(event) == expected.expected));
                BOOST_TEST((it.machine.phase() == expected.after));
            }
        }
}

BOOST_AUTO_TEST_CASE(a_stop_before_the_start_ends_at_the_start) {
    driven it;
    BOOST_TEST((it.on(stop) == relay_step{}));
    BOOST_TEST((it.on(started) == relay_step{action::finish}));
    BOOST_TEST((it.machine.phase() == ended));
}

BOOST_AUTO_TEST_CASE(any_order_of_events_ends_once_and_opens_nothing_afterwards) {
    std::minstd_rand random(1);
    for (int round = 0; round < 20'000; ++round) {
        driven it;
        it.ways = random() % 3;
        it.on(started);
        int ends = 0;
        int streams = 0;
        int announced = 0;
        int connections = 1;
        for (int i = 0; i < 40; ++i) {
            const relay_step step = it.on(all_events[1 + random() % (all_events.size() - 1)]);
            BOOST_TEST_REQUIRE((ends == 0 || step == relay_step{}));
            ends += step.action == action::give_up || step.action == action::finish;
            connections += step.action == action::connect || step.action == action::next_way;
            announced += step.announce;
            BOOST_TEST_REQUIRE(announced <= connections);
            // One stream at a time: each open follows a connect or reopen, each of those an end.
            streams += step.action == action::open;
            if (step.action == action::connect || step.action == action::next_way || step.action == action::reopen ||
                step.action == action::wait)
                streams = 0;
            BOOST_TEST_REQUIRE(streams <= 1);
            BOOST_TEST_REQUIRE((it.machine.phase() != ended || !it.machine.wakes_at()));
        }
        it.on(stop);
        if (it.machine.phase() != ended) ends += it.on(cancelled).action == action::finish;
        BOOST_TEST_REQUIRE((it.machine.phase() == ended));
        BOOST_TEST_REQUIRE(ends <= 1);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
