// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/prefixes.hpp"

#include <boost/test/unit_test.hpp>

#include "policy/build.hpp"
#include "policy/merge.hpp"
#include "policy/policy_text.hpp"
#include "support/allowed.hpp"

namespace cpg {

namespace {

using texts = std::vector<std::string>;

rule_key to(const std::string& cidr, std::uint16_t port = 443, l4_protocol protocol = l4_protocol::tcp) {
    return {.direction = direction::egress, .peer = peer::cidr(cidr), .protocol = protocol, .port = port, .l7 = {}};
}

rule_shape at_most(std::size_t addresses) {
    return {.addresses = {.most_addresses = addresses}};
}

policy build(const std::vector<rule_key>& keys, const rule_shape& shape) {
    return build_policy("shop", "cart", {{"app", "cart"}}, keys, {}, shape);
}

std::string merged(const std::string& before, const policy& wanted) {
    const merge_result result = merge_policy(before, wanted);
    BOOST_REQUIRE(result.problem.empty());
    return result.status == merge_status::unchanged ? before : result.text;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::vector<rule_key> hosts(const std::string& net, int first, int count, std::uint16_t port = 443) {
    std::vector<rule_key> out;
    for (int i = first; i < first + count; ++i)
        out.push_back(to(net + std::to_string(i) + "/32", port));
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(prefixes_suite)

BOOST_AUTO_TEST_CASE(the_fewest_prefixes_are_as_narrow_as_they_can_be) {
    const auto of = [](const texts& cidrs) { return covering_prefixes(cidrs, {}); };
    BOOST_TEST(of({"203.0.113.4/32", "203.0.113.5/32"}) == (texts{"203.0.113.4/31"}), boost::test_tools::per_element());
    BOOST_TEST(
        of({"203.0.113.1/32", "203.0.113.200/32", "198.51.100.7/32"}) == (texts{"198.51.100.7/32", "203.0.113.0/24"}),
        boost::test_tools::per_element());
    BOOST_TEST(of({"2001:db8::1/128", "2001:db8::2/128", "2001:db8:0:1::1/128"}) ==
                   (texts{"2001:db8::/126", "2001:db8:0:1::1/128"}),
               boost::test_tools::per_element());
    // Neighbours in two blocks of the limit are not one.
    BOOST_TEST(of({"203.0.113.255/32", "203.0.114.0/32"}).size() == 2u);
    BOOST_TEST(
        covering_prefixes({"203.0.113.255/32", "203.0.114.0/32"}, {.shortest_v4 = 16}) == (texts{"203.0.112.0/22"}),
        boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(private_addresses_stay_unless_they_are_asked_for) {
    const texts cidrs = {"10.0.0.1/32", "10.0.0.2/32", "fd00::1/128", "fd00::2/128"};
    BOOST_TEST(covering_prefixes(cidrs, {}) == cidrs, boost::test_tools::per_element());
    BOOST_TEST(covering_prefixes(cidrs, {.privates = true}) == (texts{"10.0.0.0/30", "fd00::/126"}),
               boost::test_tools::per_element());
    for (const char* each : {"172.31.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "127.0.0.1", "fe80::1"})
        BOOST_TEST(is_private(*parse_address(each)), each);
    for (const char* each : {"172.32.0.1", "100.128.0.1", "8.8.8.8", "2001:db8::1"})
        BOOST_TEST(!is_private(*parse_address(each)), each);
}

BOOST_AUTO_TEST_CASE(a_rule_with_more_addresses_is_written_by_prefixes_and_says_so) {
    const std::vector<rule_key> keys = hosts("203.0.113.", 1, 6);
    const std::string text = policy_text(build(keys, at_most(5)));
    BOOST_TEST(has(text, "# TCP/443 to 203.0.113.0/29 (6 of 8 addresses were seen)\n"));
    BOOST_TEST(has(text, "- toCIDR:\n        - 203.0.113.0/29\n      toPorts:"));
    BOOST_TEST(!has(policy_text(build(keys, at_most(6))), "/29"));
    BOOST_TEST(!has(policy_text(build(keys, {})), "/29"));
    BOOST_TEST((merge_policy(text, build(keys, at_most(5))).status == merge_status::unchanged));
}

BOOST_AUTO_TEST_CASE(further_runs_widen_the_prefix_that_is_there) {
    const std::vector<rule_key> keys = hosts("203.0.113.", 1, 12);
    const std::string whole = policy_text(build(keys, at_most(4)));
    const policy first = build({keys.begin(), keys.begin() + 8}, at_most(4));
    const policy second = build({keys.begin() + 8, keys.end()}, at_most(4));
    const auto allowed = [](const std::string& text) { return test::allowed_facts(text); };
    const std::string parts = merged(policy_text(first), second);
    BOOST_TEST((allowed(parts) == allowed(whole)));
    BOOST_TEST(merged(parts, second) == parts);
    BOOST_TEST(merged(parts, first) == parts);
    // Without the flag what is held already adds nothing.
    BOOST_TEST(merged(whole, build({keys[3]}, {})) == whole);
}

BOOST_AUTO_TEST_CASE(runs_of_ports_become_ranges_where_they_are_asked_for) {
    std::vector<rule_key> keys;
    for (const int port : {80, 8000, 8001, 8002, 8003, 8004, 9000, 9001, 9002})
        keys.push_back(to("203.0.113.1/32", static_cast<std::uint16_t>(port)));
    keys.push_back(to("203.0.113.1/32", 8002, l4_protocol::udp));
    const rule_shape ranges = {.port_ranges = true};
    const std::string text = policy_text(build(keys, ranges));
    BOOST_TEST(has(text,
                   "            - port: \"8000\"\n              endPort: 8004\n              protocol: TCP\n"
                   "            - port: \"8002\"\n              protocol: UDP\n"));
    BOOST_TEST(has(text, "# TCP/80, TCP/8000-8004, UDP/8002, TCP/9000, TCP/9001, TCP/9002 to 203.0.113.1/32\n"));
    BOOST_TEST(!has(policy_text(build(keys, {})), "endPort"));
    BOOST_TEST((merge_policy(text, build(keys, ranges)).status == merge_status::unchanged));
    // A run without the flag keeps what is there.
    BOOST_TEST((merge_policy(text, build(keys, {})).status == merge_status::unchanged));
    const std::vector<rule_key> more = {to("203.0.113.1/32", 8005)};
    BOOST_TEST(has(merged(text, build(more, ranges)), "endPort: 8005"));
    BOOST_TEST((merge_policy(text + "# by hand\n", build({keys[2]}, ranges)).status == merge_status::unchanged));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
