// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/ingest.hpp"

#include <boost/test/unit_test.hpp>

#include "session/session_parts.hpp"

namespace cpg {

BOOST_AUTO_TEST_SUITE(ingest_suite)

BOOST_AUTO_TEST_CASE(what_comes_in_is_counted_and_reaches_the_shards) {
    test::session_middle at;
    at.take({test::drop_line("a") + test::drop_line("b"), "no flow\n", test::drop_line("a", 81)});
    BOOST_TEST(at.input.so_far().counts.flows == 3u);
    BOOST_TEST(at.input.so_far().counts.kept == 3u);
    BOOST_TEST(at.input.so_far().lines == 4u);
    BOOST_TEST(at.told.malformed() == 1u);
    BOOST_TEST(at.input.is_idle());
    BOOST_TEST(at.added == 3u);
    BOOST_TEST(at.ends == std::vector<std::string>{""}, boost::test_tools::per_element());
    std::size_t workloads = 0;
    for (const aggregator* each : at.sums.settled())
        workloads += each->workloads();
    BOOST_TEST(workloads == 2u);
}

BOOST_AUTO_TEST_CASE(no_more_is_asked_for_than_there_are_slots) {
    test::session_middle at({}, 3);
    std::deque<std::string> pieces(50, test::drop_line("a"));
    test::text_source source(at.io.get_executor(), pieces);
    std::size_t ends = 0;
    at.input.start(source, {.on_end = [&](const source_end&) { ++ends; }, .on_added = [] {}});
    at.run();
    BOOST_TEST(source.given == 50u);
    BOOST_TEST(source.most_open == 3u);
    BOOST_TEST(ends == 1u);
    // The source has ended: nothing is asked of it any more.
    BOOST_TEST(source.asked <= 53u);
}

BOOST_AUTO_TEST_CASE(one_that_is_closed_takes_what_is_under_way_and_asks_for_nothing) {
    test::session_middle at({}, 2);
    test::text_source source(at.io.get_executor(), std::deque<std::string>(50, test::drop_line("a")));
    at.input.start(source, {.on_end = [](const source_end&) {}, .on_added = [] {}});
    at.input.close();
    at.run();
    BOOST_TEST(source.given == 2u);
    BOOST_TEST(at.input.is_idle());
    BOOST_TEST(at.input.so_far().counts.flows == 2u);
}

BOOST_AUTO_TEST_CASE(the_sources_last_word_is_handed_on) {
    test::session_middle at;
    test::text_source source(at.io.get_executor(), {test::drop_line("a")}, "the disk is gone");
    std::string problem;
    at.input.start(source, {.on_end = [&](const source_end& end) { problem = end.problem; }, .on_added = [] {}});
    at.run();
    BOOST_TEST(problem == "the disk is gone");
}

BOOST_AUTO_TEST_CASE(a_survey_alone_counts_connections_and_makes_no_rule) {
    session_settings settings;
    settings.survey = survey::alone;
    test::session_middle at(settings);
    at.take({test::drop_line("a"), test::drop_line("a"), test::drop_line("b")});
    BOOST_TEST(at.input.connections().all.size() == 2u);
    BOOST_TEST(at.input.so_far().counts.flows == 3u);
    for (const aggregator* each : at.sums.settled())
        BOOST_TEST(each->workloads() == 0u);
}

BOOST_AUTO_TEST_CASE(pods_at_both_ends_are_known) {
    test::session_middle at;
    at.take({test::drop_line("a"), test::drop_line("b")});
    BOOST_TEST(at.input.pods().size() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
