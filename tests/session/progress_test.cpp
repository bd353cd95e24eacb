// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/progress.hpp"

#include <boost/test/unit_test.hpp>

namespace cpg {

namespace {

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

session_progress large() {
    return {.share = 0.414,
            .seconds_left = 3725,
            .bytes = 61'234'567'890,
            .flows = 123'456'789,
            .flows_per_second = 1'234'567,
            .workloads = 12'345,
            .policies = 12'345,
            .lost = 1'234'567,
            .task = {}};
}

session_progress of(double share, std::uint64_t flows, std::size_t policies = 0) {
    session_progress out;
    out.share = share;
    out.flows = flows;
    out.policies = policies;
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(progress_suite)

BOOST_AUTO_TEST_CASE(no_line_is_wider_than_the_terminal) {
    session_progress writing = large();
    writing.task = {"writing policies", 412, 1000};
    for (std::size_t columns = 0; columns <= 300; ++columns)
        for (const session_progress& each : {session_progress{}, large(), writing})
            BOOST_TEST(progress_text(each, columns).size() <= columns);
}

BOOST_AUTO_TEST_CASE(what_matters_most_stays_on_a_narrow_terminal) {
    BOOST_TEST(progress_text(large(), 79) == "41%  1h2m5s left  123,456,789 flows  12,345 policies  1,234,567 lost");
    BOOST_TEST(progress_text(large(), 25) == "41%  123,456,789 flows");
    BOOST_TEST(progress_text(of(-1, 12, 3), 79) == "12 flows  0 flows/s  3 policies");
}

BOOST_AUTO_TEST_CASE(a_bar_takes_what_is_left) {
    BOOST_TEST(progress_text(of(0.5, 1), 79) == "[##########..........]  50%  1 flows  0 flows/s  0 policies");
    BOOST_TEST(has(progress_text(of(1, 1), 60), "[####################]"));
    BOOST_TEST(!has(progress_text(of(1, 1), 45), "["));
}

BOOST_AUTO_TEST_CASE(after_the_input_the_task_is_shown) {
    session_progress writing = large();
    writing.task = {"writing policies", 412, 1000};
    BOOST_TEST(progress_text(writing, 79) == "[########............]  writing policies 412/1,000");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
