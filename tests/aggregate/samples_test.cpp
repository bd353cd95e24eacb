// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/samples.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>

#include "support/sample_flow.hpp"

namespace cpg {

namespace {

constexpr std::int64_t second = 1'000'000'000;

struct seen {
    std::int64_t time_ns = 0;
    std::uint32_t event = 1;
    std::uint32_t source_port = 40000;
};

std::vector<flow_sample> kept(std::size_t most, const std::vector<seen>& events) {
    test::sample_flow sample;
    endpoint_pool ends;
    newest_samples samples(most);
    for (const seen& each : events) {
        sample.flow.time_ns = each.time_ns;
        sample.flow.event_type = each.event;
        sample.flow.source_port = each.source_port;
        samples.add(sample.flow, "POLICY_DENIED", 8080, ends);
    }
    return samples.list();
}

std::vector<std::int64_t> times(const std::vector<flow_sample>& samples) {
    std::vector<std::int64_t> out;
    for (const flow_sample& each : samples)
        out.push_back(each.time_ns / second);
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(samples_suite)

BOOST_AUTO_TEST_CASE(the_newest_are_kept_newest_first) {
    const auto samples = kept(3, {{1 * second}, {5 * second}, {2 * second}, {4 * second}, {3 * second}});
    BOOST_TEST((times(samples) == std::vector<std::int64_t>{5, 4, 3}));
}

BOOST_AUTO_TEST_CASE(a_sample_has_both_ends_ports_protocol_and_reason) {
    const flow_sample sample = kept(1, {{second}}).at(0);
    BOOST_TEST(sample.source->pod_namespace == "shop");
    BOOST_TEST(sample.source->workload == "frontend");
    BOOST_TEST(sample.source->ip == "10.0.0.1");
    BOOST_TEST(sample.destination->workload == "cart");
    BOOST_TEST(sample.source_port == 40000u);
    BOOST_TEST(sample.port == 8080u);
    BOOST_TEST((sample.protocol == l4_protocol::tcp));
    BOOST_TEST(sample.drop_reason == "POLICY_DENIED");
}

BOOST_AUTO_TEST_CASE(the_twin_events_of_a_packet_are_one_sample) {
    BOOST_TEST(kept(10, {{second, 5}, {second + 7000, 1}}).size() == 1u);
    BOOST_TEST(kept(10, {{second + 7000, 1}, {second, 5}}).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_retransmission_and_another_connection_are_samples_of_their_own) {
    BOOST_TEST(kept(10, {{second, 5}, {second + 7000, 1}, {2 * second, 5}, {2 * second + 7000, 1}}).size() == 2u);
    BOOST_TEST(kept(10, {{second, 5, 40000}, {second, 1, 40001}}).size() == 2u);
    BOOST_TEST(kept(10, {{second, 1}, {second + 1000, 1}}).size() == 2u);
}

BOOST_AUTO_TEST_CASE(none_are_kept_when_none_are_wanted) {
    BOOST_TEST(kept(0, {{second}}).empty());
}

BOOST_AUTO_TEST_CASE(the_order_of_the_flows_does_not_matter) {
    std::vector<seen> events;
    for (std::uint32_t i = 0; i < 200; ++i)
        events.push_back({(i / 3) * second, i % 2 ? 1u : 5u, 40000 + i % 7});
    const auto expected = kept(10, events);
    BOOST_TEST(expected.size() == 10u);
    std::mt19937 random(4);
    for (int i = 0; i < 30; ++i) {
        std::ranges::shuffle(events, random);
        BOOST_TEST((kept(10, events) == expected));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
