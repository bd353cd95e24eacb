// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/rearmed_timer.hpp"

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/deadline.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;

constexpr steady_time long_ago{};

struct bench {
    asio::io_context context;
    std::optional<rearmed_timer> timer{std::in_place, context.get_executor()};
    std::string said;

    std::function<void()> says(char what) {
        return [this, what] { said += what; };
    }
    // Asio takes the handlers of timers that are up into its queue when the queue is run, and then runs them one by
    // one: another timer, up since before, runs while the one under test is queued.
    void while_queued(steady_time earlier, const std::function<void()>& act) {
        asio::steady_timer other(context, earlier);
        other.async_wait([act](const asio::error_code&) { act(); });
        context.run();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(rearmed_timer_suite, bench, *boost::unit_test::timeout(60))

BOOST_AUTO_TEST_CASE(acts_once_when_the_time_is_up) {
    timer->arm_after(1ms, says('a'));
    BOOST_TEST(timer->is_armed());
    context.run();
    BOOST_TEST(said == "a");
    BOOST_TEST(!timer->is_armed());
}

BOOST_AUTO_TEST_CASE(the_last_arming_alone_acts) {
    timer->arm_after(1h, says('a'));
    timer->arm(long_ago, says('b'));
    context.run();
    BOOST_TEST(said == "b");
}

// The kind: a handler that Asio has queued already can't be cancelled any more.
BOOST_AUTO_TEST_CASE(a_handler_that_is_queued_does_not_act_for_a_later_arming) {
    timer->arm(long_ago + 2ns, says('a'));
    steady_time armed_at;
    while_queued(long_ago + 1ns, [&] {
        armed_at = std::chrono::steady_clock::now();
        timer->arm_after(5ms, [&] {
            said += 'b';
            BOOST_TEST((std::chrono::steady_clock::now() - armed_at >= 5ms));
        });
    });
    BOOST_TEST(said == "b");
}

BOOST_AUTO_TEST_CASE(a_handler_that_is_queued_does_not_act_when_disarmed) {
    timer->arm(long_ago + 2ns, says('a'));
    while_queued(long_ago + 1ns, [&] { timer->disarm(); });
    BOOST_TEST(said.empty());
    BOOST_TEST(!timer->is_armed());
}

BOOST_AUTO_TEST_CASE(a_handler_that_is_queued_does_not_act_for_a_timer_that_is_gone) {
    timer->arm(long_ago + 2ns, says('a'));
    while_queued(long_ago + 1ns, [&] { timer.reset(); });
    BOOST_TEST(said.empty());
}

BOOST_AUTO_TEST_CASE(is_armed_anew_from_within_its_action) {
    timer->arm(long_ago, [&] {
        said += 'a';
        timer->arm(long_ago, says('b'));
    });
    context.run();
    BOOST_TEST(said == "ab");
}

BOOST_AUTO_TEST_CASE(can_be_destroyed_from_within_its_action) {
    const auto kept = std::make_shared<std::string>("a");
    timer->arm(long_ago, [&, kept] {
        timer.reset();
        said = *kept;
    });
    context.run();
    BOOST_TEST(said == "a");
    BOOST_TEST(kept.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(lets_go_of_what_its_action_held) {
    const auto kept = std::make_shared<int>();
    timer->arm_after(1h, [kept] {});
    timer->disarm();
    BOOST_TEST(kept.use_count() == 1);
    context.run();
    BOOST_TEST(said.empty());
}

BOOST_AUTO_TEST_CASE(a_deadline_knows_whether_it_passed) {
    const deadline late(context.get_executor(), long_ago, says('a'));
    { const deadline in_time(context.get_executor(), long_ago, says('b')); }
    BOOST_TEST(!late.passed());
    context.run();
    BOOST_TEST(late.passed());
    BOOST_TEST(said == "a");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
