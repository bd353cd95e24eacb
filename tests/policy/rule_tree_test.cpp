// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/rule_tree.hpp"
#include "policy/policy_text.hpp"

#include <yaml-cpp/yaml.h>

#include <boost/test/unit_test.hpp>

#include "policy/build.hpp"
#include "support/policy_invariants.hpp"

namespace cpg {

namespace {

peer frontend() {
    return peer::endpoint({{"app", "frontend"}});
}

peer named(peer_kind kind, std::string name) {
    return {.kind = kind, .labels = {}, .name = std::move(name), .names = {}};
}

rule_key key(direction direction, peer peer, l4_protocol protocol, std::uint16_t port) {
    return {.direction = direction, .peer = std::move(peer), .protocol = protocol, .port = port, .l7 = {}};
}

std::string text_of(const std::vector<rule_key>& keys) {
    const std::string out =
        policy_text(build_policy("production", "api-server", {{"app.kubernetes.io/name", "api-server"}}, keys));
    BOOST_TEST(test::joined(test::policy_faults(out)) == "");
    return out;
}

YAML::Node spec_of(const std::vector<rule_key>& keys) {
    return YAML::Load(text_of(keys))["spec"];
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rule_tree_suite)

BOOST_AUTO_TEST_CASE(a_dropped_ingress_flow_gives_exactly_the_documented_file) {
    BOOST_TEST(text_of({key(direction::ingress, frontend(), l4_protocol::tcp, 8080)}) ==
               "apiVersion: cilium.io/v2\n"
               "kind: CiliumNetworkPolicy\n"
               "metadata:\n"
               "  labels:\n"
               "    app.kubernetes.io/managed-by: cpg\n"
               "  name: cpg-api-server\n"
               "  namespace: production\n"
               "spec:\n"
               "  endpointSelector:\n"
               "    matchLabels:\n"
               "      app.kubernetes.io/name: api-server\n"
               "  ingress:\n"
               "    # TCP/8080 from app=frontend\n"
               "    - fromEndpoints:\n"
               "        - matchLabels:\n"
               "            app: frontend\n"
               "      toPorts:\n"
               "        - ports:\n"
               "            - port: \"8080\"\n"
               "              protocol: TCP\n");
}

BOOST_AUTO_TEST_CASE(a_peer_has_one_rule_for_ports_and_one_for_icmp) {
    const YAML::Node spec = spec_of({key(direction::egress, frontend(), l4_protocol::icmpv4, 8),
                                     key(direction::egress, frontend(), l4_protocol::udp, 53),
                                     key(direction::egress, frontend(), l4_protocol::tcp, 53),
                                     key(direction::egress, frontend(), l4_protocol::sctp, 9)});
    BOOST_TEST(!spec["ingress"]);
    BOOST_TEST_REQUIRE(spec["egress"].size() == 2u);
    BOOST_TEST(YAML::Dump(spec["egress"][0]["toPorts"][0]["ports"]) ==
               "- port: 9\n  protocol: SCTP\n- port: 53\n  protocol: TCP\n- port: 53\n  protocol: UDP");
    BOOST_TEST(YAML::Dump(spec["egress"][1]["icmps"]) == "- fields:\n    - family: IPv4\n      type: 8");
}

BOOST_AUTO_TEST_CASE(ports_and_icmp_types_are_cut_into_lists_of_forty) {
    std::vector<rule_key> keys;
    for (std::uint16_t i = 1; i <= 81; ++i) {
        keys.push_back(key(direction::ingress, frontend(), l4_protocol::tcp, i));
        keys.push_back(key(direction::ingress, frontend(), l4_protocol::icmpv6, i));
    }
    const YAML::Node rules = spec_of(keys)["ingress"];
    BOOST_TEST_REQUIRE(rules.size() == 2u);
    BOOST_TEST_REQUIRE(rules[0]["toPorts"].size() == 3u);
    BOOST_TEST(rules[0]["toPorts"][0]["ports"].size() == 40u);
    BOOST_TEST(rules[0]["toPorts"][2]["ports"].size() == 1u);
    BOOST_TEST_REQUIRE(rules[1]["icmps"].size() == 3u);
    BOOST_TEST(rules[1]["icmps"][2]["fields"].size() == 1u);
}

BOOST_AUTO_TEST_CASE(forty_ports_are_one_list) {
    std::vector<rule_key> keys;
    for (std::uint16_t i = 1; i <= 40; ++i)
        keys.push_back(key(direction::ingress, frontend(), l4_protocol::tcp, i));
    BOOST_TEST(spec_of(keys)["ingress"][0]["toPorts"].size() == 1u);
}

BOOST_AUTO_TEST_CASE(equal_labels_in_two_namespaces_are_two_peers) {
    peer other = frontend();
    other.labels = {{"app", "frontend"}, {"io.kubernetes.pod.namespace", "jobs"}};
    const YAML::Node rules = spec_of({key(direction::ingress, frontend(), l4_protocol::tcp, 80),
                                      key(direction::ingress, other, l4_protocol::tcp, 81)})["ingress"];
    BOOST_TEST_REQUIRE(rules.size() == 2u);
    BOOST_TEST(YAML::Dump(rules[1]["fromEndpoints"]) ==
               "- matchLabels:\n    app: frontend\n    io.kubernetes.pod.namespace: jobs");
}

BOOST_AUTO_TEST_CASE(entities_and_cidrs_stand_under_the_member_of_their_direction) {
    const YAML::Node spec =
        spec_of({key(direction::ingress, named(peer_kind::entity, "host"), l4_protocol::tcp, 80),
                 key(direction::egress, named(peer_kind::cidr, "2001:db8::1/128"), l4_protocol::tcp, 80)});
    BOOST_TEST(spec["ingress"][0]["fromEntities"][0].Scalar() == "host");
    BOOST_TEST(spec["egress"][0]["toCIDR"][0].Scalar() == "2001:db8::1/128");
}

BOOST_AUTO_TEST_CASE(the_order_of_the_keys_does_not_change_the_bytes) {
    std::vector<rule_key> keys;
    for (std::uint16_t i = 1; i <= 100; ++i)
        keys.push_back(key(i % 2 ? direction::ingress : direction::egress,
                           i % 3 ? frontend() : named(peer_kind::entity, "host"), l4_protocol::tcp, i));
    const std::string text = text_of(keys);
    std::ranges::reverse(keys);
    BOOST_TEST(text_of(keys) == text);
}

BOOST_AUTO_TEST_CASE(a_long_comment_names_ten_and_counts_the_rest) {
    rule many{.peer = frontend(), .ports = {}, .l7_ports = {}, .icmps = {}};
    for (std::uint16_t i = 1; i <= 13; ++i)
        many.ports.insert({.number = i, .protocol = l4_protocol::tcp});
    BOOST_TEST(comment_of(direction::ingress, many) ==
               "TCP/1, TCP/2, TCP/3, TCP/4, TCP/5, TCP/6, TCP/7, TCP/8, TCP/9, TCP/10 and 3 more from app=frontend");
}

BOOST_AUTO_TEST_CASE(a_comment_says_who_for_every_kind_of_peer) {
    const auto comment = [](const peer& who) {
        return comment_of(
            direction::egress,
            {.peer = who, .ports = {{.number = 1, .protocol = l4_protocol::udp}}, .l7_ports = {}, .icmps = {}});
    };
    peer other = frontend();
    other.labels = {{"app", "frontend"}, {"io.kubernetes.pod.namespace", "jobs"}};
    BOOST_TEST(comment(other) == "UDP/1 to app=frontend in namespace jobs");
    BOOST_TEST(comment(named(peer_kind::entity, "host")) == "UDP/1 to entity host");
    BOOST_TEST(comment(named(peer_kind::cidr, "10.0.0.1/32")) == "UDP/1 to 10.0.0.1/32");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
