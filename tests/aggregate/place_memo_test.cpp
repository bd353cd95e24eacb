// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/place_memo.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "support/sample_flow.hpp"

namespace cpg {

namespace {

candidate between(const flow& shown) {
    candidate out;
    out.flow = &shown;
    out.direction = direction::ingress;
    out.subject = &shown.destination;
    out.peer = &shown.source;
    out.subject_namespace = shown.destination.pod_namespace;
    out.peer_namespace = shown.source.pod_namespace;
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(place_memo_suite)

BOOST_AUTO_TEST_CASE(a_workload_is_known_by_the_labels_of_its_pods) {
    test::sample_flow sample;
    place_memo memo;
    place_memo::entry cart;
    BOOST_TEST(!memo.workload_of(between(sample.flow)));
    memo.remember(between(sample.flow), cart);
    BOOST_TEST(memo.workload_of(between(sample.flow)) == &cart);
    sample.flow.destination = sample.pod("shop", {"k8s:app=cart", "k8s:revision=2"});
    BOOST_TEST(!memo.workload_of(between(sample.flow)));
    memo.forget();
    sample.flow.destination = sample.pod("shop", {"k8s:app=cart"});
    BOOST_TEST(!memo.workload_of(between(sample.flow)));
}

// Both pods are as far down in their tables.
BOOST_AUTO_TEST_CASE(labels_of_another_table_are_others_though_their_number_is_the_same) {
    test::sample_flow one;
    test::sample_flow another;
    BOOST_TEST_REQUIRE(one.flow.destination.labels->number == another.flow.destination.labels->number);
    place_memo memo;
    place_memo::entry cart;
    memo.remember(between(one.flow), cart);
    BOOST_TEST(!memo.workload_of(between(another.flow)));
    BOOST_TEST(memo.workload_of(between(one.flow)) == &cart);
}

// Else a workload would be in two shards, and each would write its policy without the other's rules.
BOOST_AUTO_TEST_CASE(a_pod_is_in_the_share_of_its_workload_whoever_tells_its_namespace) {
    test::sample_flow sample;
    std::set<std::size_t> seen;
    for (int i = 0; i < 100; ++i) {
        const std::string label = "k8s:app=cart-" + std::to_string(i);
        const endpoint by_label = sample.pod("shop", {label});
        const endpoint by_member = sample.other("shop", {label});
        const std::size_t share = share_of("shop", by_label.labels->selector);
        BOOST_TEST(share_of("shop", *by_label.labels) == share);
        BOOST_TEST(share_of("shop", *by_member.labels) == share);
        seen.insert(share);
    }
    BOOST_TEST(seen.size() > 1U);
}

// Else the workload of one namespace would be given to another.
BOOST_AUTO_TEST_CASE(labels_that_do_not_tell_the_namespace_are_not_remembered) {
    test::sample_flow sample;
    place_memo memo;
    place_memo::entry entry;
    sample.flow.destination = sample.other("shop", {"k8s:app=cart"});
    memo.remember(between(sample.flow), entry);
    BOOST_TEST(!memo.workload_of(between(sample.flow)));
    sample.flow.destination.pod_namespace = "jobs";
    BOOST_TEST(!memo.workload_of(between(sample.flow)));
}

BOOST_AUTO_TEST_CASE(pods_that_the_same_selector_finds_share_it) {
    test::sample_flow sample;
    place_memo memo;
    const shared_selector first = memo.peer_of(between(sample.flow));
    BOOST_TEST(to_string(first) == "app=frontend");
    sample.flow.source = sample.pod("shop", {"k8s:app=frontend", "k8s:app.kubernetes.io/version=2"});
    BOOST_TEST(&memo.peer_of(between(sample.flow)).get() == &first.get());
    sample.flow.source = sample.other("shop", {"k8s:app=frontend"});
    BOOST_TEST(&memo.peer_of(between(sample.flow)).get() == &first.get());
}

BOOST_AUTO_TEST_CASE(a_peer_is_found_as_seen_from_the_subject) {
    test::sample_flow sample;
    place_memo memo;
    const std::string near = to_string(memo.peer_of(between(sample.flow)));
    sample.flow.destination = sample.pod("jobs", {"k8s:app=batch"});
    const std::string far = to_string(memo.peer_of(between(sample.flow)));
    BOOST_TEST(near == "app=frontend");
    BOOST_TEST(far == "app=frontend,io.kubernetes.pod.namespace=shop");
    sample.flow.source = sample.pod("shop", {"k8s:app=frontend", "k8s:io.cilium.k8s.policy.cluster=b"});
    sample.flow.destination = sample.pod("jobs", {"k8s:app=batch", "k8s:io.cilium.k8s.policy.cluster=a"});
    BOOST_TEST(to_string(memo.peer_of(between(sample.flow))) ==
               "app=frontend,io.cilium.k8s.policy.cluster=b,io.kubernetes.pod.namespace=shop");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
