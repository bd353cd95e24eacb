// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/rule_key.hpp"

#include <boost/test/unit_test.hpp>

namespace cpg {

namespace {

rule_key key_of(peer peer, l7_match l7 = {}) {
    return {.direction = direction::ingress,
            .peer = std::move(peer),
            .protocol = l4_protocol::tcp,
            .port = 8080,
            .l7 = std::move(l7)};
}

peer labelled(selector labels) {
    return peer::endpoint(std::move(labels));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rule_key_suite)

BOOST_AUTO_TEST_CASE(an_endpoint_key_names_direction_labels_protocol_and_port) {
    BOOST_TEST(to_string(key_of(labelled({{"app", "x"}, {"tier", "y"}}))) == "ingress:ep:app=x,tier=y:TCP:8080");
}

BOOST_AUTO_TEST_CASE(peers_of_equal_labels_in_two_namespaces_have_two_keys) {
    BOOST_TEST(to_string(key_of(labelled({{"app", "x"}}))) !=
               to_string(key_of(labelled({{"app", "x"}, {"io.kubernetes.pod.namespace", "b"}}))));
}

BOOST_AUTO_TEST_CASE(other_kinds_of_peers_and_l7_requests_are_told_apart) {
    BOOST_TEST(to_string(key_of(peer::cidr("10.0.0.1/32"))) == "ingress:cidr:10.0.0.1/32:TCP:8080");
    BOOST_TEST(to_string(key_of(peer::entity("host"))) == "ingress:entity:host:TCP:8080");
    BOOST_TEST(to_string(key_of(labelled({{"app", "x"}}), l7_match::http("GET", "^/a$"))) ==
               "ingress:ep:app=x:TCP:8080:http:GET:^/a$");
}

BOOST_AUTO_TEST_CASE(a_description_names_namespace_and_cluster_in_words) {
    BOOST_TEST(describe(labelled(
                   {{"app", "x"}, {"io.cilium.k8s.policy.cluster", "us"}, {"io.kubernetes.pod.namespace", "b"}})) ==
               "app=x in cluster us in namespace b");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
