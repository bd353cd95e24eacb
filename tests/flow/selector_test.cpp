// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Which labels make a selector, and which make none.

#include <boost/test/unit_test.hpp>
#include <regex>

#include "flow/labels.hpp"

namespace cpg {

namespace {

label_set read(const std::vector<std::string_view>& raw) {
    return read_labels(raw);
}

std::string selector_of(const std::vector<std::string_view>& raw) {
    return to_string(read(raw).selector);
}

selector_fault fault_of(const std::vector<std::string_view>& raw) {
    const label_set set = read(raw);
    BOOST_TEST(set.selector.empty() == (set.fault != selector_fault::none));
    return set.fault;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(selector_suite)

BOOST_AUTO_TEST_CASE(the_recommended_name_wins_over_app_and_all_others) {
    BOOST_TEST(selector_of({"k8s:app=a", "k8s:app.kubernetes.io/name=n", "k8s:app.kubernetes.io/component=c"}) ==
               "app.kubernetes.io/name=n");
    BOOST_TEST(selector_of({"k8s:tier=t", "k8s:app=a", "k8s:app.kubernetes.io/component=c"}) == "app=a");
}

BOOST_AUTO_TEST_CASE(without_a_name_all_labels_select_in_the_order_of_their_keys) {
    BOOST_TEST(selector_of({"k8s:tier=web", "k8s:canary=yes", "k8s:app.kubernetes.io/component=c"}) ==
               "app.kubernetes.io/component=c,canary=yes,tier=web");
}

BOOST_AUTO_TEST_CASE(labels_that_change_with_every_run_or_belong_to_the_cluster_never_select) {
    for (const std::string_view key :
         {"job-name", "batch.kubernetes.io/job-name", "batch.kubernetes.io/job-completion-index",
          "batch.kubernetes.io/controller-uid", "controller-uid", "pod-template-hash", "rollouts-pod-template-hash",
          "pod-template-generation", "controller-revision-hash", "statefulset.kubernetes.io/pod-name",
          "apps.kubernetes.io/pod-index", "topology.kubernetes.io/zone", "helm.sh/chart", "app.kubernetes.io/version",
          "io.cilium.k8s.policy.cluster", "io.cilium.k8s.policy.serviceaccount",
          "io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name", "io.kubernetes.pod.namespace",
          "beta.kubernetes.io/arch"}) {
        const std::string label = "k8s:" + std::string(key) + "=x";
        BOOST_TEST((fault_of({label}) == selector_fault::no_usable_labels), key);
        BOOST_TEST(selector_of({label, "k8s:tier=web"}) == "tier=web", key);
    }
}

BOOST_AUTO_TEST_CASE(labels_of_other_sources_never_select) {
    for (const std::string_view label : {"reserved:host", "cidr:10.0.0.0/8", "fqdn:a.b", "container:app=x",
                                         "node:app=x", "unspec:app=x", "app=x", "any:app=x", "cidrgroup:io.cilium/x"})
        BOOST_TEST((fault_of({label}) == selector_fault::no_usable_labels), label);
    BOOST_TEST((fault_of({}) == selector_fault::no_usable_labels));
}

BOOST_AUTO_TEST_CASE(an_empty_value_selects_exactly_the_empty_value) {
    const label_set set = read({"k8s:canary", "k8s:tier=web"});
    BOOST_TEST((set.selector == selector{{"canary", ""}, {"tier", "web"}}));
    BOOST_TEST(set.workload == "web");
    const label_set alone = read({"k8s:app="});
    BOOST_TEST((alone.selector == selector{{"app", ""}}));
    BOOST_TEST(alone.workload.starts_with("workload-"));
}

BOOST_AUTO_TEST_CASE(the_first_colon_and_the_first_equals_sign_split_a_label) {
    BOOST_TEST((read({"k8s:a.b/c=v"}).selector == selector{{"a.b/c", "v"}}));
    BOOST_TEST((fault_of({"k8s:app=a=b"}) == selector_fault::invalid_label));
    BOOST_TEST((fault_of({"k8s:app=a:b"}) == selector_fault::invalid_label));
    BOOST_TEST((fault_of({"app=k8s:b"}) == selector_fault::no_usable_labels));
}

BOOST_AUTO_TEST_CASE(labels_that_kubernetes_would_refuse_make_no_selector) {
    const std::string long_value = "k8s:app=" + std::string(64, 'a');
    const std::string huge_value = "k8s:app=" + std::string(10'000, 'a');
    const std::string long_key = "k8s:" + std::string(60, 'k') + "=v";
    for (const std::string_view label :
         {std::string_view(long_value), std::string_view(huge_value), std::string_view(long_key),
          std::string_view("k8s:app=../../x"), std::string_view("k8s:app=a\nb"), std::string_view("k8s:app=a b"),
          std::string_view("k8s:app=-a"), std::string_view("k8s:app=a_"), std::string_view("k8s:a b=c"),
          std::string_view("k8s:A_.com/x=c"), std::string_view("k8s:/x=c"), std::string_view("k8s:x/=c"),
          std::string_view("k8s:=c"), std::string_view("k8s:"), std::string_view("k8s:app=\x1b[31m"),
          std::string_view("k8s:app=\u00e4"), std::string_view("k8s:app=a\0b", 11)})
        BOOST_TEST((fault_of({label}) == selector_fault::invalid_label), label);
}

BOOST_AUTO_TEST_CASE(the_longest_labels_that_cilium_takes_are_taken) {
    const std::string value = "k8s:app=" + std::string(63, 'a');
    const std::string key = "k8s:" + std::string(59, 'k') + "=v";
    BOOST_TEST((fault_of({value}) == selector_fault::none));
    BOOST_TEST((fault_of({key}) == selector_fault::none));
}

BOOST_AUTO_TEST_CASE(a_key_that_stands_twice_makes_no_selector) {
    BOOST_TEST((fault_of({"k8s:tier=a", "k8s:tier=b"}) == selector_fault::invalid_label));
}

BOOST_AUTO_TEST_CASE(an_unusable_label_beside_a_name_does_no_harm) {
    BOOST_TEST(selector_of({"k8s:app=a", "k8s:bad key=1"}) == "app=a");
}

BOOST_AUTO_TEST_CASE(select_by_takes_the_first_entry_whose_keys_are_all_there) {
    const std::vector<std::string_view> raw = {"k8s:app.kubernetes.io/name=n", "k8s:app.kubernetes.io/instance=i",
                                               "k8s:app=a"};
    const auto selected = [&](const selecting_keys& keys) { return to_string(read_labels(raw, keys).selector); };
    BOOST_TEST(selected({{"app.kubernetes.io/name", "app.kubernetes.io/instance"}, {"app"}}) ==
               "app.kubernetes.io/instance=i,app.kubernetes.io/name=n");
    BOOST_TEST(selected({{"app.kubernetes.io/name", "tier"}, {"app"}}) == "app=a");
    BOOST_TEST(selected({{"tier"}}) == "app=a,app.kubernetes.io/instance=i,app.kubernetes.io/name=n");
}

BOOST_AUTO_TEST_CASE(a_key_that_begins_like_a_source_is_written_with_its_own) {
    BOOST_TEST(selector_of({"k8s:reserved.team=a"}) == "k8s:reserved.team=a");
}

BOOST_AUTO_TEST_CASE(labels_of_a_database_pod_that_move_with_a_failover_never_select) {
    BOOST_TEST(selector_of({"k8s:cnpg.io/cluster=main", "k8s:cnpg.io/instanceName=main-1",
                            "k8s:cnpg.io/instanceRole=primary", "k8s:role=primary"}) == "cnpg.io/cluster=main");
    BOOST_TEST(selector_of({"k8s:role=web"}) == "role=web");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
