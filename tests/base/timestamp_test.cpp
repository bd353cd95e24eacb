// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/timestamp.hpp"

#include <boost/test/unit_test.hpp>

namespace cpg {

namespace {

std::string read(std::string_view text) {
    const auto time = parse_timestamp(text);
    return time ? format_timestamp(*time) : "no time";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(timestamp_suite)

BOOST_AUTO_TEST_CASE(zero_to_nine_digits_of_a_second_come_back_in_groups_of_three) {
    BOOST_TEST(read("2026-01-14T09:11:58Z") == "2026-01-14T09:11:58Z");
    BOOST_TEST(read("2026-01-14T09:11:58.1Z") == "2026-01-14T09:11:58.100Z");
    BOOST_TEST(read("2026-01-14T09:11:58.1042Z") == "2026-01-14T09:11:58.104200Z");
    BOOST_TEST(read("2026-01-14T09:11:58.104233871Z") == "2026-01-14T09:11:58.104233871Z");
}

BOOST_AUTO_TEST_CASE(offsets_are_taken_off) {
    BOOST_TEST(read("2026-01-14T09:00:00+01:00") == "2026-01-14T08:00:00Z");
    BOOST_TEST(read("2026-01-01T00:30:00+05:45") == "2025-12-31T18:45:00Z");
    BOOST_TEST(read("2026-12-31T23:30:00-01:00") == "2027-01-01T00:30:00Z");
}

BOOST_AUTO_TEST_CASE(leap_years_and_the_time_before_the_epoch_are_right) {
    BOOST_TEST(parse_timestamp("1970-01-01T00:00:00Z").value() == 0);
    BOOST_TEST(read("2024-02-29T23:59:59Z") == "2024-02-29T23:59:59Z");
    BOOST_TEST(read("1969-12-31T23:59:59.5Z") == "1969-12-31T23:59:59.500Z");
    BOOST_TEST(read("2000-02-29T00:00:00Z") == "2000-02-29T00:00:00Z");
    BOOST_TEST(read("1900-02-29T00:00:00Z") == "no time");
}

BOOST_AUTO_TEST_CASE(other_text_is_no_time) {
    for (const std::string_view text : {"",
                                        "now",
                                        "2026-01-14",
                                        "2026-01-14T09:11Z",
                                        "2026-01-14 09:11:58Z",
                                        "2026-01-14T09:11:58",
                                        "2026-13-14T09:11:58Z",
                                        "2026-01-32T09:11:58Z",
                                        "2026-02-30T09:11:58Z",
                                        "2026-01-14T24:11:58Z",
                                        "2026-01-14T09:60:58Z",
                                        "2026-01-14T09:11:58.Z",
                                        "2026-01-14T09:11:58.1234567890Z",
                                        "2026-01-14T09:11:58+1:00",
                                        "2026-01-14T09:11:58+99:00",
                                        "2026-01-14T09:11:58ZZ",
                                        "-026-01-14T09:11:58Z",
                                        "9999-01-14T09:11:58Z",
                                        "1000-01-14T09:11:58Z",
                                        "2026-01-14T09:11:58Z "})
        BOOST_TEST(read(text) == "no time", text);
}

// Texts follow one another that are near each other, and that are broken in each place.
BOOST_AUTO_TEST_CASE(times_in_a_row_are_read_as_each_of_them_alone) {
    const std::string usual = "2026-01-14T09:11:58.104233871Z";
    std::vector<std::string> texts = {usual,
                                      "2026-01-14T09:11:58Z",
                                      "2026-01-14T09:11:60.5Z",
                                      "2026-01-14T09:11:61Z",
                                      "2026-01-14T09:11:58+01:00",
                                      "2026-01-14T09:11:",
                                      "2026-01-14T09:11:Z",
                                      "2026-01-14T09:11:5Z",
                                      "2026-01-14T09:11:58.Z",
                                      "2026-01-14T09:11:58ZZ",
                                      "2026-01-14T09:12:00.000000001Z",
                                      "1677-01-14T09:11:58Z",
                                      ""};
    for (std::size_t i = 0; i < usual.size(); ++i)
        for (const char c : {'0', '9', ':', 'Z', ' '})
            texts.push_back(std::string(usual).replace(i, 1, 1, c));
    timestamp_reader in_a_row;
    for (const std::string& text : texts) {
        BOOST_TEST_CONTEXT(text) {
            BOOST_TEST((in_a_row.read(text) == parse_timestamp(text)));
            BOOST_TEST((in_a_row.read(usual) == parse_timestamp(usual)));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_moment_is_a_time_or_a_duration_back_from_now) {
    const std::int64_t now = parse_timestamp("2026-01-14T09:00:00Z").value();
    BOOST_TEST(format_timestamp(parse_moment("2026-01-14T08:59:00+01:00", now).value()) == "2026-01-14T07:59:00Z");
    BOOST_TEST(format_timestamp(parse_moment("1m30s", now).value()) == "2026-01-14T08:58:30Z");
    BOOST_TEST(parse_moment("0", now).value() == now);
    for (const std::string_view text : {"", "5", "-5m", "yesterday", "2026-01-14", "2026-01-14 09:00:00Z"})
        BOOST_TEST(!parse_moment(text, now).has_value(), text);
}

BOOST_AUTO_TEST_CASE(a_window_includes_both_its_ends_and_without_any_has_all_times) {
    BOOST_TEST(time_window{}.contains(0));
    BOOST_TEST(!time_window{}.is_bounded());
    const time_window window{.since_ns = 10, .until_ns = 20};
    BOOST_TEST(window.is_bounded());
    for (const std::int64_t inside : {10, 15, 20})
        BOOST_TEST(window.contains(inside), inside);
    for (const std::int64_t outside : {9, 21, 0, -15})
        BOOST_TEST(!window.contains(outside), outside);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
