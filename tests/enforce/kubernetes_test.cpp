// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// NetworkPolicies, as Cilium takes them.

#include <boost/test/unit_test.hpp>

#include "enforce/asking.hpp"

namespace cpg {

using test::pod;
using test::question;
using test::verdict;
using test::world;

namespace {

const auto db = pod("shop", {"k8s:app=db"});
const auto web = pod("shop", {"k8s:app=web"});
const auto other = pod("data", {"k8s:app=web", "k8s:io.cilium.k8s.namespace.labels.team=blue"});

std::string network_policy(const std::string& spec) {
    return "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec: "
           "{podSelector: {}, " +
           spec + "}\n";
}

std::string from(const std::string& peer) {
    return network_policy("ingress: [{from: [" + peer + "]}]");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kubernetes)

BOOST_AUTO_TEST_CASE(peers) {
    BOOST_TEST(verdict(from("{podSelector: {matchLabels: {app: web}}}"), {.subject = db, .peer = web}) == "allowed");
    BOOST_TEST(verdict(from("{podSelector: {matchLabels: {app: web}}}"), {.subject = db, .peer = other}) == "denied");
    BOOST_TEST(verdict(from("{namespaceSelector: {}}"), {.subject = db, .peer = other}) == "allowed");
    BOOST_TEST(verdict(from("{namespaceSelector: {matchLabels: {team: blue}}, podSelector: {matchLabels: {app: web}}}"),
                       {.subject = db, .peer = other}) == "allowed");
    BOOST_TEST(verdict(from("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}"),
                       {.subject = db, .peer = other}) == "denied");
    BOOST_TEST(verdict(from("{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.7/32]}}"),
                       {.subject = db, .peer = world(), .address = "203.0.113.8"}) == "allowed");
    BOOST_TEST(verdict(from("{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.7/32]}}"),
                       {.subject = db, .peer = world(), .address = "203.0.113.7"}) == "denied");
}

// The agent puts the labels of both selectors into one map, those of pods last.
BOOST_AUTO_TEST_CASE(a_label_of_the_namespace_in_the_selector_of_pods_takes_the_place_of_the_other) {
    const std::string key = "io.cilium.k8s.namespace.labels.team";
    BOOST_TEST(verdict(from("{namespaceSelector: {matchLabels: {team: red}}, podSelector: {matchLabels: {" + key +
                            ": blue}}}"),
                       {.subject = db, .peer = other}) == "allowed");
}

BOOST_AUTO_TEST_CASE(ports_and_types) {
    const std::string ports = network_policy("ingress: [{ports: [{port: 80, endPort: 90}, {protocol: UDP}]}]");
    BOOST_TEST(verdict(ports, {.subject = db, .peer = other, .port = 90}) == "allowed");
    BOOST_TEST(verdict(ports, {.subject = db, .peer = other, .port = 91}) == "denied");
    BOOST_TEST(verdict(ports, {.subject = db, .peer = other, .protocol = l4_protocol::udp, .port = 9}) == "allowed");
    BOOST_TEST(verdict(network_policy("policyTypes: [Egress]"), {.subject = db, .peer = web}) == "allowed");
    BOOST_TEST(verdict(network_policy("policyTypes: [Egress]"),
                       {.subject = db, .peer = web, .direction = direction::egress}) == "denied");
    BOOST_TEST(verdict(network_policy("ingress: []"), {.subject = db, .peer = web}) == "denied");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
