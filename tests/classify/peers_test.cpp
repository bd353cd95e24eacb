// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Who the peer of a rule is.

#include <boost/test/unit_test.hpp>

#include "support/judgement_text.hpp"
#include "support/sample_flow.hpp"

namespace cpg {

namespace {

/// The peer's part of the rule of a flow that comes from this endpoint.
std::string from(std::string_view pod_namespace, const std::vector<std::string>& labels, std::uint32_t identity = 0,
                 std::string_view ip = "203.0.113.9") {
    test::sample_flow sample;
    sample.flow.source = sample.other(pod_namespace, labels, identity);
    sample.flow.source_ip = ip;
    const std::string text = test::judgement_text(gates(gate_settings{}).judge(sample.flow));
    const std::string begin = "kept shop/cart ingress:";
    if (!text.starts_with(begin)) return text;
    return text.substr(begin.size(), text.find(":TCP") - begin.size());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(peers_suite)

BOOST_AUTO_TEST_CASE(a_pod_of_the_same_namespace_is_named_by_its_labels_alone) {
    BOOST_TEST(from("shop", {"k8s:app=a", "k8s:io.kubernetes.pod.namespace=shop"}) == "ep:app=a");
}

BOOST_AUTO_TEST_CASE(a_pod_of_another_namespace_is_named_with_it) {
    BOOST_TEST(from("jobs", {"k8s:app=a"}) == "ep:app=a,io.kubernetes.pod.namespace=jobs");
    BOOST_TEST(from("", {"k8s:app=a", "k8s:io.kubernetes.pod.namespace=jobs"}) ==
               "ep:app=a,io.kubernetes.pod.namespace=jobs");
}

BOOST_AUTO_TEST_CASE(a_pod_of_another_cluster_is_named_with_it) {
    test::sample_flow sample;
    sample.flow.destination = sample.pod("shop", {"k8s:app=cart", "k8s:io.cilium.k8s.policy.cluster=eu"});
    sample.flow.source = sample.pod("shop", {"k8s:app=a", "k8s:io.cilium.k8s.policy.cluster=us"});
    const gates gates{gate_settings{}};
    BOOST_TEST(test::judgement_text(gates.judge(sample.flow)) ==
               "kept shop/cart ingress:ep:app=a,io.cilium.k8s.policy.cluster=us:TCP:8080");
    sample.flow.source = sample.pod("shop", {"k8s:app=a", "k8s:io.cilium.k8s.policy.cluster=eu"});
    BOOST_TEST(test::judgement_text(gates.judge(sample.flow)) == "kept shop/cart ingress:ep:app=a:TCP:8080");
}

BOOST_AUTO_TEST_CASE(a_cluster_that_only_the_endpoint_names_counts_too) {
    test::sample_flow sample;
    sample.flow.destination.cluster = "eu";
    sample.flow.source.cluster = "us";
    const gates gates{gate_settings{}};
    BOOST_TEST(test::judgement_text(gates.judge(sample.flow)) ==
               "kept shop/cart ingress:ep:app=frontend,io.cilium.k8s.policy.cluster=us:TCP:8080");
    sample.flow.source.cluster = "u\ns";
    BOOST_TEST(test::judgement_text(gates.judge(sample.flow)) == "unhandled invalid_name");
}

BOOST_AUTO_TEST_CASE(an_endpoint_that_contradicts_itself_is_refused_whatever_kind_it_would_have_been) {
    BOOST_TEST(from("Jobs", {"reserved:world"}) == "unhandled invalid_name");
    BOOST_TEST(from("Jobs", {"reserved:host"}) == "unhandled invalid_name");
    for (const std::string name : {"world", "host", "remote-node", "kube-apiserver", "health", "ingress"})
        BOOST_TEST(from("jobs", {"reserved:" + name}) == "unhandled invalid_name", name);
    for (const std::string name : {"world", "host", "kube-apiserver", "unmanaged", "init"})
        BOOST_TEST(from("", {"reserved:" + name}, 41207) == "unhandled invalid_name", name);
    BOOST_TEST(from("", {"reserved:kube-apiserver"}, 16777217) == "entity:kube-apiserver");
    BOOST_TEST(from("shop", {"k8s:app=a"}, 102) == "ep:app=a");
    BOOST_TEST(from("jobs", {"k8s:app=a", "k8s:io.kubernetes.pod.namespace=shop"}) == "unhandled invalid_name");
    BOOST_TEST(from("shop", {"k8s:app=a"}, 2) == "unhandled invalid_name");
    BOOST_TEST(from("shop", {"k8s:app=a"}, 16777300) == "unhandled invalid_name");
}

BOOST_AUTO_TEST_CASE(a_pod_that_can_not_be_selected_is_no_peer) {
    BOOST_TEST(from("shop", {}) == "unhandled no_usable_labels");
    BOOST_TEST(from("shop", {"k8s:pod-template-hash=x"}) == "unhandled no_usable_labels");
    BOOST_TEST(from("shop", {"k8s:app=a b"}) == "unhandled invalid_name");
    BOOST_TEST(from("", {"k8s:app=a"}) == "unhandled empty_namespace");
    BOOST_TEST(from("Jobs", {"k8s:app=a"}) == "unhandled invalid_name");
    BOOST_TEST(from("shop", {"k8s:app=a", "k8s:io.cilium.k8s.policy.cluster=a\nb"}) == "unhandled invalid_name");
}

BOOST_AUTO_TEST_CASE(reserved_identities_are_entities) {
    for (const std::string name : {"host", "remote-node", "kube-apiserver", "health", "ingress", "unmanaged"})
        BOOST_TEST(from("", {"reserved:" + name}) == "entity:" + name);
}

BOOST_AUTO_TEST_CASE(the_api_server_is_known_before_the_world_and_the_host) {
    BOOST_TEST(from("", {"reserved:host", "reserved:kube-apiserver"}) == "entity:kube-apiserver");
    BOOST_TEST(from("", {"cidr:203.0.113.9/32", "reserved:kube-apiserver", "reserved:world"}) ==
               "entity:kube-apiserver");
}

BOOST_AUTO_TEST_CASE(identities_that_no_rule_can_name_are_no_peers) {
    for (const std::string name : {"unknown", "init", "something-new"})
        BOOST_TEST(from("", {"reserved:" + name}) == "unhandled reserved_identity");
}

BOOST_AUTO_TEST_CASE(the_world_is_one_address_whatever_the_label_says) {
    for (const std::string label : {"reserved:world", "reserved:world-ipv4", "cidr:203.0.113.0/24",
                                    "fqdn:a.example.com", "cidrgroup:io.cilium.policy.cidrgroupname/x"})
        BOOST_TEST(from("", {label}) == "cidr:203.0.113.9/32", label);
    BOOST_TEST(from("", {"reserved:world-ipv6"}, 10, "2001:DB8::0:1") == "cidr:2001:db8::1/128");
    BOOST_TEST(from("", {"cidr:2001-db8--0/32"}, 16777300, "2001:db8::1") == "cidr:2001:db8::1/128");
    BOOST_TEST(from("", {"reserved:world"}, 2, "::ffff:203.0.113.9") == "cidr:203.0.113.9/32");
}

BOOST_AUTO_TEST_CASE(the_world_without_an_address_is_no_peer) {
    for (const std::string_view ip : {"", "nowhere", "203.0.113.9/24", "0.0.0.0/0"})
        BOOST_TEST(from("", {"reserved:world"}, 2, ip) == "unhandled world_no_ip", ip);
}

BOOST_AUTO_TEST_CASE(the_number_speaks_where_the_labels_are_cut) {
    BOOST_TEST(from("", {}, 2) == "cidr:203.0.113.9/32");
    BOOST_TEST(from("", {}, 9) == "cidr:203.0.113.9/32");
    BOOST_TEST(from("", {}, 16777300) == "cidr:203.0.113.9/32");
    BOOST_TEST(from("", {}, 7) == "entity:kube-apiserver");
    BOOST_TEST(from("", {}, 0) == "unhandled reserved_identity");
    BOOST_TEST(from("", {}, 5000) == "unhandled no_usable_labels");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
