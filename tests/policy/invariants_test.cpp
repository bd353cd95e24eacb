// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The checker itself: a policy that cpg could write passes, and each fault put into it is found.

#include <boost/test/unit_test.hpp>

#include "support/data.hpp"
#include "support/policy_invariants.hpp"

namespace cpg {

namespace {

std::string sound() {
    return test::data_text("merge/default.incoming.yaml");
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    BOOST_TEST_REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

bool finds(const std::string& from, const std::string& to, const std::string& fault) {
    return test::joined(test::policy_faults(with(sound(), from, to))).find(fault) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(invariants_suite)

BOOST_AUTO_TEST_CASE(a_sound_policy_has_no_faults) {
    BOOST_TEST(test::joined(test::policy_faults(sound())) == "");
}

BOOST_AUTO_TEST_CASE(ports_that_cilium_refuses_are_found) {
    BOOST_TEST(finds("port: \"8080\"", "port: 8080", "no YAML string"));
    BOOST_TEST(finds("port: \"8080\"", "port: \"0\"", "no port"));
    BOOST_TEST(finds("port: \"8080\"", "port: \"70000\"", "no port"));
    BOOST_TEST(finds("port: \"8080\"", "port: \"9999\"", "not sorted"));
    BOOST_TEST(finds("port: \"8080\"", "port: \"9090\"", "stands twice"));
    BOOST_TEST(finds("protocol: TCP", "protocol: ICMP", "no protocol"));
    BOOST_TEST(finds("protocol: TCP", "protocol: TCP\n              endPort: 9000", "has the member endPort"));
}

BOOST_AUTO_TEST_CASE(peers_that_allow_too_much_or_nothing_are_found) {
    BOOST_TEST(finds("203.0.113.7/32", "203.0.113.0/24", "not one address"));
    BOOST_TEST(finds("203.0.113.7/32", "2001:db8::1/32", "not one address"));
    BOOST_TEST(finds("203.0.113.7/32", "\"::ffff:203.0.113.7/128\"", "IPv4 written as IPv6"));
    BOOST_TEST(finds("            app: frontend\n", "            {}\n", "no label of its own"));
    BOOST_TEST(finds("app: frontend", "io.kubernetes.pod.namespace: \"\"", "matches nothing"));
    BOOST_TEST(finds("      app: cart\n", "      {}\n", "every pod of the namespace"));
    BOOST_TEST(finds("app: cart", "job-name: cart-1", "must not have the key"));
}

BOOST_AUTO_TEST_CASE(text_that_yaml_reads_as_something_else_is_found) {
    for (const char* word : {"yes", "1.0", "0x10", "2024-01-01", "null", "~", "1e3", "12:30:45", ".inf"})
        BOOST_TEST(finds("app: frontend", std::string("app: ") + word, "no YAML string"), word);
}

BOOST_AUTO_TEST_CASE(a_policy_without_rules_is_found) {
    const std::string text = sound();
    BOOST_TEST(test::joined(test::policy_faults(text.substr(0, text.find("  ingress:")))).find("without rules") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(two_files_of_one_name_and_a_file_in_the_wrong_place_are_found) {
    const test::temp_dir dir;
    test::write_text(dir / "shop/cart.yaml", sound());
    BOOST_TEST(test::joined(test::tree_faults(dir.path())) == "");
    test::write_text(dir / "shop/other.yaml", sound());
    BOOST_TEST(test::tree_faults(dir.path()).size() == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
