// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/text.hpp"

#include <array>
#include <boost/test/unit_test.hpp>

namespace cpg {

BOOST_AUTO_TEST_SUITE(text_suite)

BOOST_AUTO_TEST_CASE(control_characters_never_reach_the_terminal) {
    BOOST_TEST(printable("a\x1b[31mb\nc") == "a\\u001b[31mb\\u000ac");
    BOOST_TEST(printable("\xc2\x9b"
                         "31m") == "\\u009b31m");
    BOOST_TEST(printable("\xe2\x80\xae"
                         "x") == "\\u202ex");
    BOOST_TEST(printable("\xff"
                         "ok") == "\xEF\xBF\xBDok");
    BOOST_TEST(printable("Zürich") == "Zürich");
}

BOOST_AUTO_TEST_CASE(json_strings_are_escaped) {
    BOOST_TEST(json_quote("plain") == "\"plain\"");
    BOOST_TEST(json_quote("") == "\"\"");
    BOOST_TEST(json_quote("plain \x7f then \xc3\xa4, \xff") == "\"plain \\u007f then \xc3\xa4, \xef\xbf\xbd\"");
    BOOST_TEST(json_quote("a\"b\\c\n") == "\"a\\\"b\\\\c\\u000a\"");
}

BOOST_AUTO_TEST_CASE(utf8_is_checked_strictly) {
    BOOST_TEST(is_valid_utf8("aé€😀"));
    for (const char* text : {"\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\x80"})
        BOOST_TEST(!is_valid_utf8(text));
}

BOOST_AUTO_TEST_CASE(distance_counts_code_points) {
    BOOST_TEST(edit_distance("kitten", "sitting") == 3u);
    BOOST_TEST(edit_distance("é", "e") == 1u);
    BOOST_TEST(edit_distance("", "abc") == 3u);
}

BOOST_AUTO_TEST_CASE(near_names_are_nearest_first_and_bounded) {
    constexpr std::array<std::string_view, 4> names = {"POLICY_DENIED", "POLICY_DENY", "NAT46", "NAT64"};
    BOOST_TEST(near_names("policy_denid", names, 5) == (std::vector<std::string>{"POLICY_DENIED", "POLICY_DENY"}),
               boost::test_tools::per_element());
    BOOST_TEST(near_names("zzzzzz", names, 5).empty());
    BOOST_TEST(near_names("nat", names, 1).size() == 1u);
}

BOOST_AUTO_TEST_CASE(kubernetes_names) {
    BOOST_TEST(is_dns_label("api-server"));
    BOOST_TEST(is_dns_label(std::string(63, 'a')));
    for (const auto& text : {std::string(""), std::string("-a"), std::string("a-"), std::string("A"),
                             std::string("a_b"), std::string("a.b"), std::string(64, 'a'), std::string("../x")})
        BOOST_TEST(!is_dns_label(text));
    BOOST_TEST(is_dns_subdomain("a.b-c.d"));
    BOOST_TEST(!is_dns_subdomain("a..b"));
    BOOST_TEST(!is_dns_subdomain(std::string(254, 'a')));
}

BOOST_AUTO_TEST_CASE(splitting_keeps_empty_parts) {
    BOOST_TEST(split("a,,b", ',').size() == 3u);
    BOOST_TEST(split("", ',').size() == 1u);
}

BOOST_AUTO_TEST_CASE(numbers_are_whole) {
    BOOST_TEST(parse_unsigned("42").value() == 42u);
    for (const char* text : {"", "-1", "+1", "1x", " 1", "99999999999999999999999"})
        BOOST_TEST(!parse_unsigned(text).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
