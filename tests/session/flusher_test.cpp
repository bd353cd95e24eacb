// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/flusher.hpp"

#include <boost/test/unit_test.hpp>

#include "session/session_parts.hpp"
#include "support/patience.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;

// Keeps what it is given, and does on the way what a test wants.
class recording_sink final : public flush_sink {
  public:
    void write(flush_load& load) override {
        scopes.push_back(load.scope);
        sessions.push_back(load.session);
        pods.push_back(load.pods.size());
        std::vector<std::string> names;
        for (const flushed_workload& each : load.workloads)
            names.push_back(each.snapshot.name + (each.grown ? "+" : ""));
        workloads.push_back(names);
        if (const auto once = std::exchange(meanwhile, nullptr)) once();
    }
    void count(sink_counts& to) const override {
        to.policies_written += scopes.size();
        to.evidence_lacks_rules = lacks_rules;
    }

    std::function<void()> meanwhile;
    bool lacks_rules = false;
    std::vector<flush_scope> scopes;
    std::vector<evidence_session> sessions;
    std::vector<std::size_t> pods;
    std::vector<std::vector<std::string>> workloads;
};

flusher_settings every(std::chrono::nanoseconds interval) {
    flusher_settings out;
    out.interval = interval;
    return out;
}

flusher_settings with_evidence(std::chrono::nanoseconds interval) {
    flusher_settings out = every(interval);
    out.keeps_evidence = true;
    out.session.id = "me";
    out.session.started_ns = 7;
    return out;
}

struct fixture {
    flusher make(flusher_settings settings, flush_sink* to) {
        return {at.io.get_executor(), at.io.get_executor(), std::move(settings), at.input, at.sums, at.told, to};
    }
    // How often the end was told.
    std::size_t end(flusher& of) {
        std::size_t ends = 0;
        of.flush_last([&] {
            ++ends;
            of.stop();
        });
        at.run();
        return ends;
    }

    test::session_middle at;
    recording_sink sink;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(flusher_suite, fixture, *boost::unit_test::timeout(test::patient(60U)))

BOOST_AUTO_TEST_CASE(the_last_flush_brings_all_that_has_grown) {
    flusher tested = make(every(1h), &sink);
    at.take({test::drop_line("a")});
    tested.start();
    BOOST_TEST(end(tested) == 1u);
    BOOST_REQUIRE(sink.workloads.size() == 1u);
    BOOST_TEST(sink.workloads[0] == std::vector<std::string>{"a+"}, boost::test_tools::per_element());
    BOOST_TEST(tested.written().policies_written == 1u);
    BOOST_TEST(tested.workloads_with_rules().contains("shop/a"));
    BOOST_TEST(tested.workloads() == 1u);
}

BOOST_AUTO_TEST_CASE(a_tick_brings_what_is_new_and_the_end_what_is_left) {
    flusher tested = make(every(1ms), &sink);
    at.take({test::drop_line("a")});
    tested.start();
    while (sink.scopes.empty())
        at.io.run_one();
    at.io.restart();
    BOOST_TEST((sink.scopes[0] == flush_scope::new_rules));
    BOOST_TEST(sink.workloads[0].size() == 1u);
    BOOST_TEST(end(tested) == 1u);
    BOOST_TEST(sink.workloads.back().empty());
}

BOOST_AUTO_TEST_CASE(the_end_waits_for_a_flush_that_is_being_written_and_writes_once_more) {
    flusher tested = make(every(1ms), &sink);
    std::size_t ends = 0;
    sink.meanwhile = [&] {
        tested.flush_last([&] {
            ++ends;
            tested.stop();
        });
        BOOST_TEST(tested.is_awaited());
        BOOST_TEST(ends == 0u);
    };
    at.take({test::drop_line("a")});
    tested.start();
    at.run();
    BOOST_TEST(ends == 1u);
    BOOST_TEST(sink.scopes.size() == 2u);
    BOOST_TEST(!tested.is_awaited());
}

BOOST_AUTO_TEST_CASE(with_evidence_the_end_brings_everything_and_the_pods) {
    flusher tested = make(with_evidence(1h), &sink);
    at.take({test::drop_line("a"), test::drop_line("b")});
    BOOST_TEST(end(tested) == 1u);
    BOOST_TEST((sink.scopes == std::vector{flush_scope::last}));
    BOOST_TEST(sink.pods[0] == 3u);
    BOOST_TEST(sink.sessions[0].id == "me");
    BOOST_TEST(sink.sessions[0].started_ns == 7);
    BOOST_TEST(sink.sessions[0].flows_ingested == 2u);
    BOOST_TEST(sink.sessions[0].ended_ns > 0);
}

BOOST_AUTO_TEST_CASE(what_the_sink_lacks_is_brought_at_the_next_tick) {
    flusher tested = make(with_evidence(1ms), &sink);
    sink.lacks_rules = true;
    at.take({test::drop_line("a")});
    tested.start();
    while (sink.scopes.size() < 2)
        at.io.run_one();
    at.io.restart();
    BOOST_TEST((sink.scopes[0] == flush_scope::new_rules));
    BOOST_TEST((sink.scopes[1] == flush_scope::everything));
    BOOST_TEST(end(tested) == 1u);
}

BOOST_AUTO_TEST_CASE(nothing_is_written_before_the_end_where_that_is_wanted) {
    flusher_settings settings = every(1ms);
    settings.only_last = true;
    flusher tested = make(settings, &sink);
    at.take({test::drop_line("a")});
    tested.start();
    for (int ticks = 0; ticks < 3; ++ticks)
        at.io.run_one();
    BOOST_TEST(sink.scopes.empty());
    at.io.restart();
    BOOST_TEST(end(tested) == 1u);
    BOOST_TEST(sink.scopes.size() == 1u);
}

BOOST_AUTO_TEST_CASE(without_a_sink_the_end_comes_at_once) {
    flusher tested = make(every(1h), nullptr);
    at.take({test::drop_line("a")});
    std::size_t ends = 0;
    tested.flush_last([&] { ++ends; });
    BOOST_TEST(ends == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
