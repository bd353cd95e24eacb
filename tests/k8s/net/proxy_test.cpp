// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/net/proxy.hpp"

#include <boost/test/unit_test.hpp>

namespace cpg::k8s {

namespace {

std::string proxy_for(const std::string& server, const std::string& no_proxy) {
    cluster_access access;
    access.server = *parse_server(server);
    const auto proxy = choose_proxy(access, {.https_proxy = "proxy", .http_proxy = "", .no_proxy = no_proxy});
    return proxy ? join_host_port(proxy->host, proxy->port) : "direct";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(proxy_suite)

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
