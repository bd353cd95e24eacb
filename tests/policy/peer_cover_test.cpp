// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/peer_cover.hpp"

#include <boost/test/unit_test.hpp>

#include "policy/yaml.hpp"

namespace cpg {

namespace {

const peer frontend{
    .kind = peer_kind::endpoint, .labels = {{"app", "web"}, {"tier", "front"}}, .name = {}, .names = {}};
const peer elsewhere{.kind = peer_kind::endpoint,
                     .labels = {{"app", "web"}, {"io.kubernetes.pod.namespace", "jobs"}},
                     .name = {},
                     .names = {}};
const peer far{.kind = peer_kind::endpoint,
               .labels = {{"app", "web"}, {"io.cilium.k8s.policy.cluster", "west"}},
               .name = {},
               .names = {}};
const peer outside = peer::cidr("203.0.113.7/32");
const peer host = peer::entity("host");
const peer name = peer::fqdn({"a.example"});

// The entry is written in flow style.
cover how(const std::string& member, const std::string& entry, const peer& peer) {
    const std::vector<tree> documents = parse_yaml("e: " + entry);
    return cover_of(member, *documents.at(0).find("e"), known_peer(peer, "shop"));
}

bool covers(const std::string& member, const std::string& entry, const peer& peer) {
    return how(member, entry, peer) == cover::certain;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(peer_cover_suite)

BOOST_AUTO_TEST_CASE(fewer_labels_and_met_expressions_take_a_pod_in) {
    for (const char* entry :
         {"{}", "{matchLabels: {app: web}}", "{matchLabels: {'k8s:app': web, 'any:tier': front}}",
          "{matchLabels: {io.kubernetes.pod.namespace: shop}}",
          "{matchExpressions: [{key: app, operator: In, values: [api, web]}]}",
          "{matchExpressions: [{key: tier, operator: Exists}, {key: app, operator: NotIn, values: [api]}]}"})
        BOOST_TEST(covers("fromEndpoints", entry, frontend), entry);
}

BOOST_AUTO_TEST_CASE(what_is_not_certain_takes_nobody_in) {
    for (const char* entry :
         {"{matchLabels: {app: api}}", "{matchLabels: {app: web, version: v1}}", "{matchLabels: {'reserved:host': ''}}",
          "{matchLabels: {io.kubernetes.pod.namespace: jobs}}",
          "{matchExpressions: [{key: app, operator: NotIn, values: [web]}]}",
          "{matchExpressions: [{key: version, operator: NotIn, values: [v1]}]}",
          "{matchExpressions: [{key: version, operator: DoesNotExist}]}",
          "{matchExpressions: [{key: app, operator: Fits, values: [web]}]}", "{matchSomething: {app: web}}"})
        BOOST_TEST(!covers("fromEndpoints", entry, frontend), entry);
}

BOOST_AUTO_TEST_CASE(namespace_and_cluster_must_be_named_where_they_are_not_the_policys) {
    BOOST_TEST(!covers("toEndpoints", "{matchLabels: {app: web}}", elsewhere));
    BOOST_TEST(covers("toEndpoints", "{matchLabels: {io.kubernetes.pod.namespace: jobs}}", elsewhere));
    BOOST_TEST(covers("toEndpoints", "{matchExpressions: [{key: 'k8s:io.kubernetes.pod.namespace', operator: Exists}]}",
                      elsewhere));
    BOOST_TEST(!covers("toEndpoints", "{matchLabels: {app: web}}", far));
    BOOST_TEST(covers("toEndpoints", "{matchLabels: {io.cilium.k8s.policy.cluster: west}}", far));
    BOOST_TEST(!covers("toEndpoints", "{matchLabels: {app: web, io.cilium.k8s.policy.cluster: west}}", frontend));
}

BOOST_AUTO_TEST_CASE(prefixes_and_entities_take_addresses_in) {
    BOOST_TEST(covers("fromCIDR", "203.0.113.0/24", outside));
    BOOST_TEST(!covers("fromCIDR", "198.51.100.0/24", outside));
    BOOST_TEST(!covers("fromCIDR", "2001:db8::/32", outside));
    BOOST_TEST(covers("toCIDRSet", "{cidr: 203.0.113.0/24, except: [203.0.113.8/32]}", outside));
    BOOST_TEST(!covers("toCIDRSet", "{cidr: 203.0.113.0/24, except: [203.0.113.0/29]}", outside));
    BOOST_TEST(!covers("toCIDRSet", "{cidrGroupRef: partners}", outside));
    BOOST_TEST(!covers("toCIDRSet", "{cidr: 203.0.113.0/24, cidrGroupSelector: {}}", outside));
    BOOST_TEST(covers("toEntities", "world", outside));
    BOOST_TEST(!covers("toEntities", "cluster", outside));
    BOOST_TEST(covers("fromEntities", "cluster", frontend));
    BOOST_TEST(!covers("fromEntities", "cluster", far));
    BOOST_TEST(!covers("fromEntities", "world", frontend));
    for (const peer& each : {frontend, far, outside, host})
        BOOST_TEST(covers("fromEntities", "all", each));
    BOOST_TEST(!covers("toEntities", "all", name));
    BOOST_TEST(!covers("fromEndpoints", "{}", host));
}

BOOST_AUTO_TEST_CASE(what_the_file_alone_does_not_tell_is_perhaps) {
    for (const char* const entry :
         {"{matchExpressions: [{key: version, operator: NotIn, values: [v1]}]}",
          "{matchExpressions: [{key: version, operator: DoesNotExist}]}", "{matchSomething: {app: web}}",
          "{matchExpressions: [{key: app, operator: Fits, values: [web]}]}"})
        BOOST_TEST((how("fromEndpoints", entry, frontend) == cover::perhaps), entry);
    BOOST_TEST((how("toEndpoints", "{matchLabels: {app: web}}", far) == cover::perhaps));
    BOOST_TEST((how("toCIDRSet", "{cidrGroupRef: partners}", outside) == cover::perhaps));
    BOOST_TEST((how("toEntities", "world-ipv4", outside) == cover::perhaps));
    BOOST_TEST((how("toEntities", "cluster", host) == cover::perhaps));
    BOOST_TEST((how("toFQDNs", "{matchPattern: '*.example'}", name) == cover::perhaps));
}

BOOST_AUTO_TEST_CASE(a_weaker_condition_makes_all_of_it_weaker_and_one_that_fails_decides) {
    const std::string unsure = "matchExpressions: [{key: version, operator: DoesNotExist}]";
    BOOST_TEST((how("fromEndpoints", "{matchLabels: {app: web}, " + unsure + "}", frontend) == cover::perhaps));
    BOOST_TEST((how("fromEndpoints", "{" + unsure + ", matchLabels: {app: api}}", frontend) == cover::no));
    BOOST_TEST((how("fromEndpoints", "{" + unsure + "}", elsewhere) == cover::no));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
