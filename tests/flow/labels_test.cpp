// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "flow/labels.hpp"

#include <boost/test/unit_test.hpp>
#include <regex>
#include <set>

#include "base/text.hpp"

namespace cpg {

namespace {

reserved_identity reserved_in(const std::vector<std::string_view>& raw) {
    return read_labels(raw).reserved;
}

std::string name_of(const std::string& value) {
    return workload_name({{"app", value}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(labels_suite)

BOOST_AUTO_TEST_CASE(a_value_that_is_a_name_is_the_workload_name) {
    BOOST_TEST(name_of("api-server") == "api-server");
    BOOST_TEST(workload_name({{"a", "x"}, {"b", "y"}}) == "x-y");
}

BOOST_AUTO_TEST_CASE(a_value_that_had_to_be_changed_carries_a_hash) {
    for (const std::string& value : {std::string("My_App"), std::string("a.b"), std::string(""), std::string("UPPER"),
                                     std::string(63, 'A'), std::string("a_")}) {
        const std::string name = name_of(value);
        BOOST_TEST(is_dns_label(name), name);
        BOOST_TEST(std::regex_match(name, std::regex(".*-[0-9a-f]{8}")), name);
    }
}

BOOST_AUTO_TEST_CASE(values_that_differ_only_in_what_was_changed_have_different_names) {
    std::set<std::string> names;
    for (const char* value : {"a_b", "a.b", "a-b", "A-b", "a-B", "A_B"})
        BOOST_TEST(names.insert(name_of(value)).second, value);
}

BOOST_AUTO_TEST_CASE(joined_values_that_are_too_long_are_cut_and_hashed) {
    const std::string name = workload_name({{"a", std::string(40, 'x')}, {"b", std::string(40, 'y')}});
    BOOST_TEST(name.size() <= 63u);
    BOOST_TEST(is_dns_label(name));
    BOOST_TEST(name != workload_name({{"a", std::string(40, 'x')}, {"b", std::string(41, 'y')}}));
}

BOOST_AUTO_TEST_CASE(a_name_does_not_change_between_runs) {
    BOOST_TEST(name_of("My_App") == "my-app-" + name_of("My_App").substr(7));
    BOOST_TEST(hashed_name("cart", "app=cart") == hashed_name("cart", "app=cart"));
    BOOST_TEST(hashed_name(std::string(100, 'a'), "x").size() == 63u);
    BOOST_TEST(hashed_name("---", "x").starts_with("workload-"));
}

BOOST_AUTO_TEST_CASE(the_more_telling_reserved_identity_wins_whatever_the_order) {
    using enum reserved_identity;
    BOOST_TEST((reserved_in({"reserved:host", "reserved:kube-apiserver"}) == kube_apiserver));
    BOOST_TEST((reserved_in({"reserved:kube-apiserver", "reserved:remote-node"}) == kube_apiserver));
    BOOST_TEST((reserved_in({"cidr:10.0.0.1/32", "reserved:kube-apiserver", "reserved:world"}) == kube_apiserver));
    BOOST_TEST((reserved_in({"reserved:remote-node", "reserved:host"}) == host));
    BOOST_TEST((reserved_in({"reserved:world", "reserved:ingress"}) == ingress));
}

BOOST_AUTO_TEST_CASE(every_way_to_be_outside_the_cluster_is_the_world) {
    for (const std::string_view label :
         {"reserved:world", "reserved:world-ipv4", "reserved:world-ipv6", "cidr:203.0.113.0/24", "cidr:2001-db8--0/32",
          "fqdn:*.example.com", "cidrgroup:io.cilium.policy.cidrgroupname/x"})
        BOOST_TEST((reserved_in({label}) == reserved_identity::world), label);
}

BOOST_AUTO_TEST_CASE(a_reserved_label_that_is_not_known_is_unknown_not_a_pod) {
    BOOST_TEST((reserved_in({"reserved:something-new"}) == reserved_identity::unknown));
    BOOST_TEST((reserved_in({"k8s:app=host"}) == reserved_identity::none));
}

BOOST_AUTO_TEST_CASE(identity_numbers_say_what_labels_would) {
    using enum reserved_identity;
    const std::vector<std::pair<std::uint32_t, reserved_identity>> table = {{0, unknown},
                                                                            {1, host},
                                                                            {2, world},
                                                                            {3, unmanaged},
                                                                            {4, health},
                                                                            {5, init},
                                                                            {6, remote_node},
                                                                            {7, kube_apiserver},
                                                                            {8, ingress},
                                                                            {9, world},
                                                                            {10, world},
                                                                            {128, none},
                                                                            {41207, none},
                                                                            {16777215, none},
                                                                            {16777216, world},
                                                                            {33554431, world},
                                                                            {33554432, remote_node}};
    for (const auto& [number, identity] : table)
        BOOST_TEST((reserved_identity_of_number(number) == identity), number);
}

BOOST_AUTO_TEST_CASE(namespace_and_cluster_are_read_from_the_labels) {
    const std::vector<std::string_view> raw = {"k8s:app=a", "k8s:io.kubernetes.pod.namespace=shop",
                                               "k8s:io.cilium.k8s.policy.cluster=eu"};
    const label_set set = read_labels(raw);
    BOOST_TEST(set.pod_namespace == "shop");
    BOOST_TEST(set.cluster == "eu");
}

BOOST_AUTO_TEST_CASE(one_list_is_one_set_and_its_address_stays) {
    label_table table;
    label_cache a(table);
    label_cache b(table);
    std::deque<label_set> overflow;
    const std::vector<std::string_view> raw = {"k8s:app=a"};
    const std::vector<std::string_view> other = {"k8s:app=b"};
    const label_set* const set = a.find(raw, overflow);
    BOOST_TEST(set->kept);
    BOOST_TEST(b.find(raw, overflow) == set);
    BOOST_TEST(a.find(other, overflow) != set);
    for (int i = 0; i < 10'000; ++i) {
        const std::string label = "k8s:app=" + std::to_string(i);
        const std::vector<std::string_view> one = {label};
        BOOST_TEST_REQUIRE(a.find(one, overflow)->workload == std::to_string(i));
    }
    BOOST_TEST(a.find(raw, overflow) == set);
    BOOST_TEST(overflow.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
