// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/config/access.hpp"

#include <boost/test/unit_test.hpp>

namespace cpg::k8s {

BOOST_AUTO_TEST_SUITE(access_suite)

BOOST_AUTO_TEST_CASE(a_server_without_a_scheme_is_plain_http_as_in_client_go) {
    const auto plain = parse_server("10.0.0.1:8080/prefix/");
    BOOST_REQUIRE(plain.has_value());
    BOOST_TEST(!plain->tls);
    BOOST_TEST(plain->host == "10.0.0.1");
    BOOST_TEST(plain->port == "8080");
    BOOST_TEST(plain->prefix == "/prefix");
    const auto secure = parse_server("https://[fd00::1]");
    BOOST_REQUIRE(secure.has_value());
    BOOST_TEST(secure->tls);
    BOOST_TEST(secure->host == "fd00::1");
    BOOST_TEST(secure->port == "443");
    for (const char* bad : {"", "ftp://a", "https://", "https://a:0", "https://a b"})
        BOOST_TEST(!parse_server(bad).has_value(), bad);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s
