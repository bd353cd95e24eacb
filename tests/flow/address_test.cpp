// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "flow/address.hpp"

#include <boost/test/unit_test.hpp>

namespace cpg {

namespace {

std::string cidr_of(std::string_view text) {
    const auto address = parse_address(text);
    return address ? host_cidr(*address) : "no address";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(address_suite)

BOOST_AUTO_TEST_CASE(an_ipv4_address_is_opened_alone) {
    BOOST_TEST(cidr_of("198.51.100.77") == "198.51.100.77/32");
}

BOOST_AUTO_TEST_CASE(an_ipv6_address_is_opened_alone_and_written_in_its_short_form) {
    BOOST_TEST(cidr_of("2001:DB8:0:0:0:0:0:1") == "2001:db8::1/128");
    BOOST_TEST(cidr_of("::") == "::/128");
}

BOOST_AUTO_TEST_CASE(an_ipv4_address_in_ipv6_clothes_is_ipv4) {
    BOOST_TEST(cidr_of("::ffff:198.51.100.77") == "198.51.100.77/32");
    BOOST_TEST((parse_address("::ffff:1.2.3.4") == parse_address("1.2.3.4")));
}

BOOST_AUTO_TEST_CASE(other_text_is_no_address) {
    for (const std::string_view text :
         {"", " ", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4/32", "1.2.3.4 ", " 1.2.3.4", "01.2.3.4", "0x7f.0.0.1",
          "fe80::1%eth0", "2001:db8::1::2", "api.example.com", "\n1.2.3.4", "1.2.3.4\n- 0.0.0.0/0"})
        BOOST_TEST(cidr_of(text) == "no address", text);
    BOOST_TEST(cidr_of(std::string_view("1.2.3.4\0", 8)) == "no address");
    BOOST_TEST(cidr_of(std::string(10'000, '1')) == "no address");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
