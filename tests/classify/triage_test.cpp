// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "classify/triage.hpp"

#include <boost/test/unit_test.hpp>
#include <numeric>

#include "support/data.hpp"
#include "support/decoded.hpp"
#include "support/flow_line.hpp"

namespace cpg {

namespace {

std::size_t first_shard(const candidate&, std::size_t) {
    return 0;
}

std::size_t shard_by_port(const candidate& candidate, std::size_t shards) {
    return candidate.port % shards;
}

triage_report triaged(const flow_batch& batch, gate_settings settings = {}, bool notes = false) {
    return triage(batch, gates(std::move(settings)), 4, shard_by_port, notes);
}

template <class Key>
std::uint64_t sum(const std::map<Key, std::uint64_t>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0},
                           [](auto a, const auto& b) { return a + b.second; });
}

std::uint64_t all_outcomes(const triage_counts& counts) {
    std::uint64_t total =
        counts.not_dropped + counts.noise + counts.kept + sum(counts.ignored_reasons) + sum(counts.ignored_protocols);
    total = std::accumulate(counts.unhandled.begin(), counts.unhandled.end(), total);
    for (const auto& [reason, drops] : counts.health_drops)
        total += drops.count;
    return total;
}

std::string drop_on(int node, const std::string& reason) {
    const std::string number = std::to_string(node);
    return test::line_of(
        {.reason = reason, .source = test::app_end("shop", "a" + number), .ingress = false, .node = "node-" + number});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(triage_suite)

BOOST_AUTO_TEST_CASE(each_flow_has_exactly_one_fate) {
    const test::decoded all(test::data_text("sample-flows.jsonl") + test::data_text("sample-flows-odd.jsonl"));
    gate_settings some;
    some.namespaces = {"shop"};
    some.ignored_protocols = {l4_protocol::udp};
    some.ignored_reasons = {find_drop_reason("POLICY_DENY")};
    for (const gate_settings& settings : {gate_settings{}, some}) {
        const triage_report report = triaged(all.batch, settings);
        BOOST_TEST(report.counts.flows == all.batch.flows.size());
        BOOST_TEST(all_outcomes(report.counts) == report.counts.flows);
        std::size_t kept = 0;
        for (const auto& shard : report.shards)
            kept += shard.size();
        BOOST_TEST(kept == report.counts.kept);
    }
}

BOOST_AUTO_TEST_CASE(candidates_go_to_the_shard_that_is_theirs) {
    const test::decoded all(test::data_text("sample-flows.jsonl"));
    const triage_report report = triaged(all.batch);
    for (std::size_t i = 0; i < report.shards.size(); ++i)
        for (const kept_flow& each : report.shards[i])
            BOOST_TEST(each.candidate.port % 4 == i);
}

BOOST_AUTO_TEST_CASE(counts_of_two_halves_are_the_counts_of_the_whole) {
    const std::string text = test::data_text("sample-flows.jsonl");
    const std::size_t middle = text.find('\n', text.size() / 2) + 1;
    const test::decoded whole(text);
    const test::decoded first(text.substr(0, middle));
    const test::decoded second(text.substr(middle));
    const triage_counts all = triaged(whole.batch).counts;
    triage_counts halves = triaged(first.batch).counts;
    halves.add(triaged(second.batch).counts);
    BOOST_TEST(halves.flows == all.flows);
    BOOST_TEST(halves.kept == all.kept);
    BOOST_TEST((halves.unhandled == all.unhandled));
    BOOST_TEST(halves.http_records == all.http_records);
    BOOST_TEST(halves.dns_records == all.dns_records);
    BOOST_TEST_REQUIRE(halves.health_drops.size() == all.health_drops.size());
    for (const auto& [reason, drops] : all.health_drops) {
        BOOST_TEST(halves.health_drops.at(reason).count == drops.count);
        BOOST_TEST((halves.health_drops.at(reason).by_node == drops.by_node));
        BOOST_TEST((halves.health_drops.at(reason).by_workload == drops.by_workload));
    }
}

BOOST_AUTO_TEST_CASE(infra_and_transient_drops_are_counted_by_node_and_workload) {
    const test::decoded all(drop_on(1, "CT_MAP_INSERTION_FAILED") + drop_on(1, "CT_MAP_INSERTION_FAILED") +
                            drop_on(2, "CT_MAP_INSERTION_FAILED"));
    const health_count drops = triaged(all.batch).counts.health_drops.at(find_drop_reason("CT_MAP_INSERTION_FAILED"));
    BOOST_TEST(drops.count == 3u);
    BOOST_TEST((drops.by_node == std::map<std::string, std::uint64_t>{{"node-1", 2}, {"node-2", 1}}));
    BOOST_TEST((drops.by_workload == std::map<std::string, std::uint64_t>{{"shop/a1", 2}, {"shop/a2", 1}}));
}

BOOST_AUTO_TEST_CASE(names_from_the_capture_are_bounded_and_no_flow_is_lost) {
    std::string text;
    for (int i = 0; i < 10'500; ++i)
        text += drop_on(i, "CT_MAP_INSERTION_FAILED");
    const test::decoded all(text);
    const health_count drops = triaged(all.batch).counts.health_drops.at(find_drop_reason("CT_MAP_INSERTION_FAILED"));
    BOOST_TEST(drops.by_node.size() <= 10'001u);
    BOOST_TEST(sum(drops.by_node) == 10'500u);
    BOOST_TEST(sum(drops.by_workload) == 10'500u);
}

BOOST_AUTO_TEST_CASE(what_is_to_be_said_once_is_collected) {
    const test::decoded all(test::data_text("sample-flows.jsonl"));
    const triage_report report = triaged(all.batch);
    BOOST_TEST(report.reserved_subjects.contains({reserved_identity::health, direction::ingress}));
    BOOST_TEST(report.denying_policies.size() == 1u);
    BOOST_TEST(report.notes.empty());
}

BOOST_AUTO_TEST_CASE(a_note_names_both_ends_port_protocol_and_reason) {
    const test::decoded one(
        R"({"flow":{"verdict":"DROPPED","traffic_direction":"INGRESS","l4":{"UDP":{"source_port":53,)"
        R"("destination_port":40000}},"source":{"namespace":"kube-system","labels":["k8s:app=dns"]},)"
        R"("destination":{"namespace":"shop","labels":["k8s:app=cart"]}}})");
    const triage_report report = triage(one.batch, gates(gate_settings{}), 1, first_shard, true);
    BOOST_TEST_REQUIRE(report.notes.size() == 1u);
    const unhandled_note& note = *report.notes.begin();
    BOOST_TEST(note.source == "kube-system/dns");
    BOOST_TEST(note.destination == "shop/cart");
    BOOST_TEST(note.port == "40000");
    BOOST_TEST(note.protocol == "UDP");
    BOOST_TEST((note.reason == unhandled::reply));
    BOOST_TEST((note.destination_labels == std::vector<std::string>{"k8s:app=cart"}));
}

BOOST_AUTO_TEST_CASE(records_of_the_proxy_are_counted_whatever_their_verdict) {
    const test::decoded all(test::data_text("sample-flows.jsonl"));
    const triage_counts counts = triaged(all.batch).counts;
    BOOST_TEST(counts.http_records == 3u);
    BOOST_TEST(counts.dns_records == 4u);
    BOOST_TEST(counts.unhandled[static_cast<std::size_t>(unhandled::l7_without_flag)] == 5u);
}

BOOST_AUTO_TEST_CASE(names_beyond_the_bound_are_the_same_ones_whatever_the_order) {
    const auto counted = [](bool forwards) {
        health_count total;
        for (int i = 0; i < 12'000; ++i) {
            health_count one;
            one.count = 1;
            one.by_workload["w" + std::to_string(100'000 + (forwards ? i : 11'999 - i))] = 1;
            total.add(one);
        }
        return total.by_workload;
    };
    BOOST_TEST((counted(true) == counted(false)));
    BOOST_TEST(counted(true).at("(others)") == 2'000u);
}

// A space stands before the parenthesis of "(others)".
BOOST_AUTO_TEST_CASE(names_that_stand_before_the_others_are_bounded_too) {
    health_count total;
    for (int i = 0; i < 12'000; ++i) {
        health_count one;
        one.by_node[" n" + std::to_string(100'000 + i)] = 1;
        total.add(one);
    }
    BOOST_TEST(total.by_node.size() == 10'001u);
    BOOST_TEST(total.by_node.at("(others)") == 2'000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
