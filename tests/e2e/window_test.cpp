// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// --since and --until of replay: only the flows of a time, by the times that they carry.

#include <boost/test/unit_test.hpp>
#include <ctime>

#include "e2e/workplace.hpp"

namespace cpg {

namespace {

using test::has;
using test::run_result;
using test::workplace;

std::string flow_at(const std::string& time, unsigned port) {
    std::string line = test::flow_line("peer", port);
    const std::string known = "2026-01-14T09:00:00Z";
    return line.replace(line.find(known), known.size(), time);
}

std::string hours_ago(int hours) {
    const std::time_t time = std::time(nullptr) - hours * 3600;
    std::tm parts{};
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", ::gmtime_r(&time, &parts));
    return text;
}

bool allows(const workplace& at, unsigned port) {
    return has(at.files()["shop/cart.yaml"], "port: \"" + std::to_string(port) + "\"");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(window)

BOOST_AUTO_TEST_CASE(only_flows_between_two_times_make_rules_and_the_others_are_counted) {
    const workplace at;
    const std::string capture = flow_at("2026-01-14T08:59:59Z", 1) + flow_at("2026-01-14T09:00:00Z", 2) +
                                flow_at("2026-01-14T10:00:00Z", 3) + flow_at("2026-01-14T10:00:00.000000001Z", 4);
    const run_result ran =
        at.run({"replay", "-", "--since", "2026-01-14T10:00:00+01:00", "--until=2026-01-14T10:00:00Z"}, capture);
    BOOST_TEST(ran.exit_code == 0, ran.err);
    BOOST_TEST(!allows(at, 1));
    BOOST_TEST(allows(at, 2));
    BOOST_TEST(allows(at, 3));
    BOOST_TEST(!allows(at, 4));
    BOOST_TEST(has(ran.err, "\"outside_window\": 2"));
}

BOOST_AUTO_TEST_CASE(durations_are_taken_back_from_now) {
    const workplace at;
    const std::string capture = flow_at(hours_ago(30), 1) + flow_at(hours_ago(20), 2) + flow_at(hours_ago(1), 3);
    BOOST_TEST(at.run({"replay", "-", "--since", "24h", "--until", "2h30m"}, capture).exit_code == 0);
    BOOST_TEST(!allows(at, 1));
    BOOST_TEST(allows(at, 2));
    BOOST_TEST(!allows(at, 3));
}

BOOST_AUTO_TEST_CASE(a_window_without_any_flow_is_said_to_be) {
    const workplace at;
    const run_result ran = at.run({"replay", "-", "--until", "2020-01-01T00:00:00Z"}, test::flow_line("peer", 80));
    BOOST_TEST(ran.exit_code == 0);
    BOOST_TEST(at.files().empty());
    BOOST_TEST(has(ran.err, "no flow that makes a rule lies between --since and --until"));
}

BOOST_AUTO_TEST_CASE(a_time_that_is_none_and_a_window_that_ends_before_it_begins_are_refused_before_anything_is_read) {
    const workplace at;
    const run_result none = at.run({"replay", "missing.jsonl", "--since", "yesterday"});
    BOOST_TEST(none.exit_code == 2);
    BOOST_TEST(has(none.err, "--since: \"yesterday\" is neither a duration back from now"));
    const run_result turned = at.run({"replay", "missing.jsonl", "--since", "1h", "--until", "2h"});
    BOOST_TEST(turned.exit_code == 2);
    BOOST_TEST(has(turned.err, "--until is before --since"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
