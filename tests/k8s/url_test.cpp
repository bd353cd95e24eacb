// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/url.hpp"

#include <boost/test/unit_test.hpp>

#include "k8s/proxy.hpp"

namespace cpg::k8s {

namespace {

std::string proxy_for(const std::string& server, const std::string& no_proxy) {
    cluster_access access;
    access.server = *parse_server(server);
    const auto proxy = choose_proxy(access, {.https_proxy = "proxy", .http_proxy = "", .no_proxy = no_proxy});
    return proxy ? join_host_port(proxy->host, proxy->port) : "direct";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(url_suite)

BOOST_AUTO_TEST_CASE(base64_there_and_back) {
    for (const std::string& text :
         {std::string(), std::string("a"), std::string("ab"), std::string("abc"), std::string("\0\xff\xfe\x01", 4)}) {
        BOOST_TEST(base64_decode(base64_encode(text)).bytes == text);
        BOOST_TEST(!base64_decode(base64_encode(text)).bad_at.has_value());
    }
    BOOST_TEST(base64_decode("aGVs\r\nbG8=\n").bytes == "hello");
    BOOST_TEST(base64_decode("!").bad_at.value() == 0U);
    BOOST_TEST(base64_decode("aGVsbG8").bad_at.has_value());
    BOOST_TEST(base64_decode("aG=V").bad_at.has_value());
    BOOST_TEST(base64_decode("aGVsbG8==").bad_at.has_value());
    BOOST_TEST(base64_decode("aA==aA==").bad_at.has_value());
}

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

BOOST_AUTO_TEST_CASE(no_proxy_follows_the_rules_of_go) {
    BOOST_TEST(proxy_for("https://a.example:6443", "") == "proxy:80");
    BOOST_TEST(proxy_for("https://a.example", "other,.example") == "direct");
    BOOST_TEST(proxy_for("https://example", ".example") == "proxy:80");
    BOOST_TEST(proxy_for("https://a.example", "EXAMPLE") == "direct");
    BOOST_TEST(proxy_for("https://aexample", "example") == "proxy:80");
    BOOST_TEST(proxy_for("https://a.example:6443", "a.example:443") == "proxy:80");
    BOOST_TEST(proxy_for("https://a.example:6443", "*.example:6443") == "direct");
    BOOST_TEST(proxy_for("https://10.1.2.3", "10.0.0.0/8") == "direct");
    BOOST_TEST(proxy_for("https://10.1.2.3", "10.1.2.4") == "proxy:80");
    BOOST_TEST(proxy_for("https://[fd00::1]", "fd00::/8") == "direct");
    BOOST_TEST(proxy_for("https://10.1.2.3", "*") == "direct");
    BOOST_TEST(proxy_for("https://127.0.0.1:6443", "") == "direct");
    BOOST_TEST(proxy_for("https://localhost", "") == "direct");
    BOOST_TEST(proxy_for("http://a.example", "") == "direct");
}

BOOST_AUTO_TEST_CASE(the_kubeconfigs_proxy_wins_over_the_environment) {
    cluster_access access;
    access.server = *parse_server("https://127.0.0.1");
    access.proxy_url = "socks5://u:p@s";
    const auto proxy = choose_proxy(access, {.https_proxy = "http://other", .http_proxy = "", .no_proxy = "*"});
    BOOST_TEST(proxy->host == "s");
    BOOST_TEST(proxy->port == "1080");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s
