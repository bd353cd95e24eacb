// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_machine.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <random>
#include <string>
#include <vector>

#include "source/replay_guard.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;
using enum relay_phase;
using action = relay_action;
using time_point = relay_machine::time_point;

constexpr time_point start = time_point() + 1h;

constexpr relay_machine::settings usual{
    .timeout = 10s, .first_deadline = {}, .first_backoff = 1s, .longest_backoff = 1s, .patience_when_refused = 120s};

enum class happens : std::uint8_t {
    started,
    settled,
    status_given,
    status_refused,
    status_unreachable,
    answered,
    node_lost,
    complete,
    cancelled,
    mask_refused,
    lost,
    refused,
    terminal,
    time_up,
    stop,
};
using enum happens;

constexpr std::array all_events = {started,  settled,   status_given, status_refused, status_unreachable,
                                   answered, node_lost, complete,     cancelled,      mask_refused,
                                   lost,     refused,   terminal,     time_up,        stop};

stream_end end_of(happens event) {
    switch (event) {
        case complete: return stream_end::complete;
        case cancelled: return stream_end::cancelled;
        case mask_refused: return stream_end::mask_refused;
        case refused: return stream_end::refused;
        case terminal: return stream_end::terminal;
        default: return stream_end::lost;
    }
}

/// A machine and the clock that its driver would have.
struct driven {
    relay_machine machine{usual};
    time_point now = start;
    std::size_t ways = 0;

    relay_step on(happens event) {
        const relay_machine::moment at{now, ways};
        switch (event) {
            case started: return machine.on_start(at);
            case settled: return machine.on_settled(at);
            case status_given: return machine.on_status(status_answer::given, now);
            case status_refused: return machine.on_status(status_answer::refused, now);
            case status_unreachable: return machine.on_status(status_answer::unreachable, now);
            case answered: return machine.on_answer(now);
            case node_lost: return machine.on_node_lost(now);
            case time_up: return on_time();
            case stop: return machine.on_stop();
            default: return machine.on_end(end_of(event), at);
        }
    }
    /// The time of the next wake-up; nothing happens where there is none.
    relay_step on_time() {
        const auto at = machine.wakes_at();
        if (!at) return {};
        now = std::max(now, *at);
        return machine.on_time({now, ways});
    }
    relay_step all(const std::vector<happens>& events) {
        relay_step last;
        for (const happens event : events)
            last = on(event);
        return last;
    }
};

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

BOOST_AUTO_TEST_SUITE(relay_machine_suite)

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
