// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/aggregator.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <numeric>
#include <random>

#include "support/sample_flow.hpp"

namespace cpg {

namespace {

using test::sample_flow;

candidate ingress_of(const flow& dropped) {
    candidate out;
    out.flow = &dropped;
    out.direction = direction::ingress;
    out.subject = &dropped.destination;
    out.peer = &dropped.source;
    out.subject_namespace = dropped.destination.pod_namespace;
    out.peer_namespace = dropped.source.pod_namespace;
    out.port = static_cast<std::uint16_t>(dropped.destination_port);
    return out;
}

std::vector<std::string> rules_of(const workload_snapshot& snapshot) {
    std::vector<std::string> out;
    for (const auto& [key, evidence] : snapshot.rules)
        out.push_back(to_string(key) + " x" + std::to_string(evidence.flow_count));
    return out;
}

/// Everything that an aggregator holds, as text.
std::vector<std::string> content(const std::vector<workload_snapshot>& workloads) {
    std::vector<std::string> out;
    for (const workload_snapshot& each : workloads)
        for (const std::string& rule : rules_of(each))
            out.push_back(each.key.pod_namespace + "/" + each.name + "[" + to_string(each.key.selector) + "] " + rule);
    return out;
}

/// The pods at the ends of each rule.
std::vector<std::set<std::string>> pods_in(const std::vector<workload_snapshot>& workloads) {
    std::vector<std::set<std::string>> out;
    for (const workload_snapshot& each : workloads)
        for (const auto& [key, tally] : each.rules)
            out.insert(out.end(), {tally.subject_pods, tally.peer_pods});
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(aggregator_suite)

BOOST_AUTO_TEST_CASE(flows_of_one_rule_add_up) {
    sample_flow sample;
    aggregator state(10);
    for (const std::uint32_t event : {5u, 1u, 1u}) {
        sample.flow.event_type = event;
        sample.flow.time_ns += 2'000'000'000;
        state.add(ingress_of(sample.flow), "POLICY_DENIED");
    }
    const auto changed = state.snapshots(flush_scope::any_change);
    BOOST_TEST_REQUIRE(changed.size() == 1u);
    BOOST_TEST((rules_of(changed[0]) == std::vector<std::string>{"ingress:ep:app=frontend:TCP:8080 x2"}));
    const rule_tally& evidence = changed[0].rules.begin()->second;
    BOOST_TEST(evidence.last_seen_ns - evidence.first_seen_ns == 4'000'000'000);
}

BOOST_AUTO_TEST_CASE(peers_with_equal_labels_in_two_namespaces_are_two_rules) {
    sample_flow sample;
    aggregator state(0);
    state.add(ingress_of(sample.flow), "");
    flow other = sample.flow;
    other.source = sample.pod("jobs", {"k8s:app=frontend"});
    state.add(ingress_of(other), "");
    BOOST_TEST((rules_of(state.snapshots(flush_scope::any_change).at(0)) ==
                std::vector<std::string>{"ingress:ep:app=frontend:TCP:8080 x1",
                                         "ingress:ep:app=frontend,io.kubernetes.pod.namespace=jobs:TCP:8080 x1"}));
}

BOOST_AUTO_TEST_CASE(one_value_under_two_keys_is_two_workloads) {
    sample_flow sample;
    aggregator state(0);
    state.add(ingress_of(sample.flow), "");
    flow other = sample.flow;
    other.destination = sample.pod("shop", {"k8s:app.kubernetes.io/name=cart"});
    state.add(ingress_of(other), "");
    BOOST_TEST(state.workloads() == 2u);
    BOOST_TEST(state.snapshots(flush_scope::any_change).size() == 2u);
}

BOOST_AUTO_TEST_CASE(equal_selectors_in_two_namespaces_are_two_workloads) {
    sample_flow sample;
    aggregator state(0);
    state.add(ingress_of(sample.flow), "");
    flow other = sample.flow;
    other.destination = sample.pod("data", {"k8s:app=cart"});
    state.add(ingress_of(other), "");
    BOOST_TEST(state.workloads() == 2u);
}

BOOST_AUTO_TEST_CASE(a_namespace_that_only_the_flow_names_is_not_lost_in_the_cache) {
    sample_flow sample;
    aggregator state(0);
    flow dropped = sample.flow;
    dropped.destination = sample.other("shop", {"k8s:app=cart"});
    state.add(ingress_of(dropped), "");
    dropped.destination.pod_namespace = "data";
    state.add(ingress_of(dropped), "");
    dropped.source = sample.other("jobs", {"k8s:app=frontend"});
    state.add(ingress_of(dropped), "");
    dropped.source.pod_namespace = "data";
    state.add(ingress_of(dropped), "");
    BOOST_TEST(content(state.snapshots(flush_scope::any_change)).size() == 4u);
}

BOOST_AUTO_TEST_CASE(only_what_changed_is_taken_and_as_it_stands_by_then) {
    sample_flow sample;
    aggregator state(0);
    state.add(ingress_of(sample.flow), "");
    BOOST_TEST(state.snapshots(flush_scope::any_change).at(0).rules_changed);
    BOOST_TEST(state.snapshots(flush_scope::any_change).empty());
    state.add(ingress_of(sample.flow), "");
    const auto counted = state.snapshots(flush_scope::any_change);
    BOOST_TEST_REQUIRE(counted.size() == 1u);
    BOOST_TEST(!counted[0].rules_changed);
    sample.flow.destination_port = 9090;
    state.add(ingress_of(sample.flow), "");
    const auto grown = state.snapshots(flush_scope::any_change);
    BOOST_TEST(grown.at(0).rules_changed);
    BOOST_TEST(grown.at(0).rules.size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_last_snapshots_have_the_samples_and_leave_rules_and_counts) {
    sample_flow sample;
    aggregator state(10);
    state.add(ingress_of(sample.flow), "POLICY_DENIED");
    const auto last = state.snapshots(flush_scope::last);
    BOOST_TEST(last.at(0).rules.begin()->second.samples.size() == 1u);
    state.add(ingress_of(sample.flow), "POLICY_DENIED");
    const auto rest = state.snapshots(flush_scope::everything);
    BOOST_TEST((rules_of(rest.at(0)) == std::vector<std::string>{"ingress:ep:app=frontend:TCP:8080 x2"}));
    BOOST_TEST(rest.at(0).rules.begin()->second.samples.empty());
}

BOOST_AUTO_TEST_CASE(what_a_scope_leaves_out_is_there_for_the_next) {
    sample_flow sample;
    aggregator state(0);
    state.add(ingress_of(sample.flow), "");
    flow other = sample.flow;
    other.destination = sample.pod("data", {"k8s:app=store"});
    state.add(ingress_of(other), "");
    const auto grown = state.snapshots(flush_scope::new_rules);
    BOOST_TEST_REQUIRE(grown.size() == 2u);
    BOOST_TEST((grown[0].rules_changed && grown[1].rules_changed));
    BOOST_TEST(state.snapshots(flush_scope::new_rules).empty());
    const auto counted = state.snapshots(flush_scope::any_change);
    BOOST_TEST_REQUIRE(counted.size() == 2u);
    BOOST_TEST((!counted[0].rules_changed && !counted[1].rules_changed));
    state.add(ingress_of(sample.flow), "");
    BOOST_TEST(state.snapshots(flush_scope::new_rules).empty());
    BOOST_TEST((content(state.snapshots(flush_scope::any_change)) ==
                std::vector<std::string>{"shop/cart[app=cart] ingress:ep:app=frontend:TCP:8080 x2"}));
    BOOST_TEST(state.snapshots(flush_scope::any_change).empty());
    const auto all = state.snapshots(flush_scope::everything);
    BOOST_TEST(all.size() == 2u);
    BOOST_TEST((!all[0].rules_changed && !all[1].rules_changed));
}

BOOST_AUTO_TEST_CASE(order_and_flushes_in_between_do_not_matter) {
    sample_flow sample;
    std::vector<flow> flows;
    for (std::uint32_t i = 0; i < 600; ++i) {
        flow dropped = sample.flow;
        dropped.destination_port = 1 + i % 17;
        dropped.source_port = 40000 + i % 5;
        dropped.event_type = i % 2 ? 1 : 5;
        dropped.time_ns += static_cast<std::int64_t>(i % 11) * 1'000'000'000;
        if (i % 3 == 0) dropped.source = sample.pod("jobs", {"k8s:app=batch"});
        if (i % 4 == 0) dropped.destination = sample.pod("shop", {"k8s:tier=cart"});
        if (i % 5 == 0) dropped.source = sample.pod("jobs", {"k8s:app=batch", "k8s:part=late"});
        flows.push_back(dropped);
    }
    const auto added = [](const std::vector<flow>& all, std::size_t flush_every) {
        aggregator state(5);
        for (std::size_t i = 0; i < all.size(); ++i) {
            state.add(ingress_of(all[i]), "POLICY_DENIED");
            if (i % flush_every == 0) state.snapshots(flush_scope::any_change);
        }
        state.snapshots(flush_scope::any_change);
        for (const flow& each : all)
            state.add(ingress_of(each), "POLICY_DENIED");
        const auto taken = state.snapshots(flush_scope::any_change);
        return std::pair(content(taken), pods_in(taken));
    };
    const auto expected = added(flows, 1'000'000);
    const std::set<std::string> both_parts = {"app=batch", "app=batch,part=late"};
    BOOST_TEST(std::ranges::count(expected.second, both_parts) > 0);
    std::mt19937 random(9);
    for (int i = 0; i < 10; ++i) {
        std::ranges::shuffle(flows, random);
        BOOST_TEST((added(flows, 7) == expected));
    }
}

BOOST_AUTO_TEST_CASE(a_workload_always_belongs_to_the_same_shard) {
    sample_flow sample;
    flow other = sample.flow;
    other.destination = sample.pod("shop", {"k8s:app=cart", "k8s:pod-template-hash=x"});
    for (const std::size_t shards : {1u, 2u, 3u, 7u}) {
        BOOST_TEST(shard_of(ingress_of(sample.flow), shards) == shard_of(ingress_of(other), shards));
        BOOST_TEST(shard_of(ingress_of(sample.flow), shards) < shards);
    }
}

BOOST_AUTO_TEST_CASE(a_flow_without_a_time_does_not_erase_when_the_first_was_seen) {
    sample_flow sample;
    aggregator state(10);
    for (const std::int64_t time : {std::int64_t{5}, std::int64_t{0}, std::int64_t{7}}) {
        sample.flow.time_ns = time;
        state.add(ingress_of(sample.flow), "");
    }
    const auto taken = state.snapshots(flush_scope::everything);
    BOOST_TEST(taken.at(0).rules.begin()->second.first_seen_ns == 5);
    BOOST_TEST(taken.at(0).rules.begin()->second.last_seen_ns == 7);
}

// As if the others had never been: which came first, and when something had to go, makes no difference.
BOOST_AUTO_TEST_CASE(of_too_many_rules_the_first_in_order_are_kept_with_all_their_flows) {
    std::vector<std::uint32_t> ports(100);
    std::iota(ports.begin(), ports.end(), 1000);
    std::mt19937 random(1);
    const auto added = [&](aggregate_bounds bounds, std::size_t snapshot_every) {
        std::ranges::shuffle(ports, random);
        aggregator state(1, bounds);
        sample_flow sample;
        std::size_t count = 0;
        for (int twice = 0; twice < 2; ++twice)
            for (const std::uint32_t port : ports) {
                sample.flow.destination_port = port;
                sample.flow.source_port = static_cast<std::uint32_t>(twice + 1);
                state.add(ingress_of(sample.flow), "POLICY_DENIED");
                state.shed_surplus();
                if (++count % snapshot_every == 0) state.snapshots(flush_scope::new_rules);
            }
        return state.snapshots(flush_scope::everything);
    };
    std::vector<std::string> expected = content(added({}, 1000));
    BOOST_TEST(expected.size() == 100u);
    expected.resize(10);
    for (const std::size_t every : {1u, 7u, 1000u})
        for (int i = 0; i < 5; ++i) {
            const auto kept = added({.rules_of_a_workload = 10}, every);
            BOOST_TEST((content(kept) == expected));
            BOOST_TEST(kept[0].too_many_rules);
        }
}

BOOST_AUTO_TEST_CASE(of_too_many_workloads_the_first_of_each_share_are_kept) {
    std::vector<int> names(400);
    std::iota(names.begin(), names.end(), 100);
    std::mt19937 random(2);
    const auto added = [&](std::size_t most) {
        std::ranges::shuffle(names, random);
        aggregator state(1, {.workloads_of_a_share = most});
        std::vector<std::unique_ptr<sample_flow>> flows;
        for (const int name : names) {
            flows.push_back(std::make_unique<sample_flow>());
            flows.back()->flow.destination = flows.back()->pod("shop", {"k8s:app=cart-" + std::to_string(name)});
            state.add(ingress_of(flows.back()->flow), "POLICY_DENIED");
            state.shed_surplus();
        }
        const auto kept = content(state.snapshots(flush_scope::everything));
        BOOST_TEST(state.too_many_workloads() == (most < 400));
        BOOST_TEST(state.workloads() == kept.size());
        return kept;
    };
    BOOST_TEST(added(400).size() == 400u);
    const auto kept = added(2);
    BOOST_TEST(kept.size() <= 2 * workload_shares);
    BOOST_TEST(kept.size() > workload_shares);
    for (int i = 0; i < 5; ++i)
        BOOST_TEST((added(2) == kept));
}

// Its selector is the same, and a route by it alone would pass the second pod over.
BOOST_AUTO_TEST_CASE(every_pod_of_a_dns_server_is_asked_for_its_labels) {
    sample_flow sample;
    aggregator state(0);
    candidate query;
    query.flow = &sample.flow;
    query.direction = direction::egress;
    query.subject = &sample.flow.source;
    query.peer = &sample.flow.destination;
    query.subject_namespace = "shop";
    query.peer_namespace = "kube-system";
    query.port = 53;
    for (const std::string replica : {"a", "b", "a"}) {
        sample.flow.destination = sample.pod("kube-system", {"k8s:app=dns", "k8s:tier=core", "k8s:replica=" + replica});
        state.add(query, "");
    }
    const auto taken = state.snapshots(flush_scope::everything);
    BOOST_TEST_REQUIRE(taken.at(0).names.server_labels.size() == 1u);
    BOOST_TEST(to_string(taken[0].names.server_labels.begin()->second) == "app=dns,tier=core");
}

// Of one workload some flows tell the cluster and some do not.
BOOST_AUTO_TEST_CASE(the_cluster_of_a_workload_is_the_first_that_is_told_in_any_order) {
    std::vector<std::string> clusters = {"", "b", "a"};
    std::ranges::sort(clusters);
    do {
        sample_flow sample;
        aggregator state(0);
        std::uint32_t port = 8080;
        for (const std::string& cluster : clusters) {
            flow each = sample.flow;
            each.destination.cluster = cluster;
            each.destination_port = ++port;
            state.add(ingress_of(each), "");
        }
        BOOST_TEST(state.sums().begin()->second.cluster == "a");
    } while (std::ranges::next_permutation(clusters).found);
}

// By cluster_name alone, with the same labels in both clusters.
BOOST_AUTO_TEST_CASE(a_cluster_that_labels_do_not_tell_is_noted_of_flows_of_a_known_kind_too) {
    for (const std::vector<std::string>& clusters : {std::vector<std::string>{"b", "a"}, {"a", "b"}}) {
        sample_flow sample;
        aggregator state(0);
        for (const std::string& cluster : clusters) {
            flow each = sample.flow;
            each.source.cluster = each.destination.cluster = cluster;
            state.add(ingress_of(each), "");
        }
        BOOST_TEST(state.sums().begin()->second.cluster == "a");
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
