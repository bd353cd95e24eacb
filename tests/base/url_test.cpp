// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/url.hpp"

#include <boost/test/unit_test.hpp>

namespace cpg {

BOOST_AUTO_TEST_SUITE(url_suite)

BOOST_AUTO_TEST_CASE(urls_in_parts) {
    const auto url = parse_url("HTTP://us%40er:p%3Aw@[::1]:81/a?b#c");
    BOOST_REQUIRE(url.has_value());
    BOOST_TEST(url->scheme == "http");
    BOOST_TEST(url->user == "us@er");
    BOOST_TEST(url->password == "p:w");
    BOOST_TEST(url->host == "::1");
    BOOST_TEST(url->port == "81");
    BOOST_TEST(url->path == "/a");
    for (const char* bad : {"", "x", "http://", "http://h:0", "http://h:99999", "http://h:x", "http://[::1", "://h"})
        BOOST_TEST(!parse_url(bad).has_value(), bad);
}

BOOST_AUTO_TEST_CASE(names_and_values_are_encoded_down_to_the_unreserved_characters) {
    BOOST_TEST(percent_encode("a-Z_0.~") == "a-Z_0.~");
    BOOST_TEST(percent_encode("a=b,c d/\xc3\xa9%") == "a%3Db%2Cc%20d%2F%C3%A9%25");
}

BOOST_AUTO_TEST_CASE(user_and_password_are_left_out_of_messages) {
    BOOST_TEST(without_userinfo("http://us:er@h:80/p@q") == "http://h:80/p@q");
    BOOST_TEST(without_userinfo("http://us@h") == "http://h");
    BOOST_TEST(without_userinfo("http://h/p@q?r@s") == "http://h/p@q?r@s");
    BOOST_TEST(without_userinfo("us:er@h:80") == "h:80");
    BOOST_TEST(without_userinfo("http://us:e/r@h:80") == "http://h:80");
    BOOST_TEST(without_userinfo("http://us:e@r@h:x/") == "http://h:x/");
    BOOST_TEST(without_userinfo("us:e://r@h") == "h");
    BOOST_TEST(without_userinfo("h:80") == "h:80");
    BOOST_TEST(without_userinfo("").empty());
}

BOOST_AUTO_TEST_CASE(an_ipv6_host_stands_in_brackets_before_its_port) {
    BOOST_TEST(join_host_port("::1", "80") == "[::1]:80");
    BOOST_TEST(join_host_port("a.example", "80") == "a.example:80");
    BOOST_TEST(is_ip_address("fe80::1%eth0"));
    BOOST_TEST(!is_ip_address("a.example"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
