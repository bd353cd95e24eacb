// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/duration.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>

using namespace std::chrono_literals;

namespace cpg {

BOOST_AUTO_TEST_SUITE(duration_suite)

BOOST_AUTO_TEST_CASE(reads_what_go_prints) {
    BOOST_TEST((parse_duration("300ms") == 300ms));
    BOOST_TEST((parse_duration("5s") == 5s));
    BOOST_TEST((parse_duration("1m30s") == 90s));
    BOOST_TEST((parse_duration("2h") == 2h));
    BOOST_TEST((parse_duration("1.5h") == 90min));
    BOOST_TEST((parse_duration("0") == 0ns));
    BOOST_TEST((parse_duration("10µs") == 10us));
    BOOST_TEST((parse_duration("-5s") == -5s));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_duration) {
    for (const char* text : {"", "5", "s", "5x", "1m 30s", "--5s", "1e9s", "infs", "nans", "9999999h", "+"})
        BOOST_CHECK_THROW(parse_duration(text), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(prints_as_go_does) {
    BOOST_TEST(format_duration(0ns) == "0s");
    BOOST_TEST(format_duration(300ms) == "300ms");
    BOOST_TEST(format_duration(1500ms) == "1.5s");
    BOOST_TEST(format_duration(90s) == "1m30s");
    BOOST_TEST(format_duration(2h) == "2h0m0s");
    BOOST_TEST(format_duration(1us + 500ns) == "1.5µs");
    BOOST_TEST(format_duration(-5s) == "-5s");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
