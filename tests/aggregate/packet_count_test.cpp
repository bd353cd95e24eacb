// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/packet_count.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <random>

namespace cpg {

namespace {

constexpr std::uint32_t drop = 1, verdict = 5;

struct event {
    std::uint64_t connection = 0;
    std::uint64_t node = 0;
    std::uint32_t type = 0;
};

std::uint64_t total(const std::vector<event>& events) {
    packet_count count;
    for (const event& each : events)
        count.add(each.connection, each.node, each.type);
    return count.total();
}

std::vector<event> many(std::uint64_t connections, std::uint64_t nodes) {
    std::vector<event> out;
    for (std::uint64_t i = 0; i < connections; ++i) {
        out.push_back({i * 977, i % nodes, drop});
        if (i % 3 != 0) out.push_back({i * 977, i % nodes, verdict});
    }
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(packet_count_suite)

BOOST_AUTO_TEST_CASE(the_two_events_of_a_packet_count_once) {
    BOOST_TEST(total({{1, 1, verdict}, {1, 1, drop}}) == 1u);
    BOOST_TEST(total({}) == 0u);
}

BOOST_AUTO_TEST_CASE(an_event_may_stand_for_many) {
    packet_count count;
    count.add(1, 1, verdict, 10);
    count.add(1, 1, drop, 12);
    count.add(2, 1, drop);
    BOOST_TEST(count.total() == 13u);
}

BOOST_AUTO_TEST_CASE(each_retransmission_is_a_packet) {
    BOOST_TEST(total({{1, 1, verdict}, {1, 1, drop}, {1, 1, verdict}, {1, 1, drop}, {1, 1, drop}}) == 3u);
}

BOOST_AUTO_TEST_CASE(a_missing_twin_loses_no_packet) {
    BOOST_TEST(total({{1, 1, verdict}, {2, 1, drop}}) == 2u);
}

BOOST_AUTO_TEST_CASE(events_of_other_kinds_are_packets_of_their_own) {
    BOOST_TEST(total({{1, 1, 129}, {1, 1, 129}, {1, 1, 0}, {1, 1, drop}}) == 4u);
}

BOOST_AUTO_TEST_CASE(up_to_the_bound_every_connection_counts_on_its_own) {
    BOOST_TEST(total(many(packet_count::most_connections, 4)) == packet_count::most_connections);
}

BOOST_AUTO_TEST_CASE(beyond_the_bound_nodes_are_counted_whatever_the_order) {
    std::vector<event> events = many(packet_count::most_connections + 200, 4);
    const std::uint64_t expected = total(events);
    BOOST_TEST(expected == packet_count::most_connections + 200);
    std::mt19937 random(1);
    for (int i = 0; i < 20; ++i) {
        std::ranges::shuffle(events, random);
        BOOST_TEST(total(events) == expected);
    }
}

BOOST_AUTO_TEST_CASE(beyond_the_bound_the_number_of_nodes_may_be_large_too) {
    std::vector<event> events = many(5000, 1000);
    const std::uint64_t expected = total(events);
    std::mt19937 random(2);
    std::ranges::shuffle(events, random);
    BOOST_TEST(total(events) == expected);
    BOOST_TEST(expected == 5000u);
}

BOOST_AUTO_TEST_CASE(parts_add_up_to_the_whole_in_any_split_and_order) {
    std::mt19937 random(7);
    for (const std::uint64_t connections : {1u, 47u, 48u, 49u, 200u}) {
        std::vector<event> events = many(connections, 3);
        for (const event& each : std::vector<event>(events))
            if (random() % 3 == 0) events.push_back({each.connection, each.node, random() % 2 ? drop : verdict});
        for (int i = 0; i < 20; ++i) {
            std::vector<packet_count> parts(1 + random() % 4);
            for (const event& each : events)
                parts[random() % parts.size()].add(each.connection, each.node, each.type);
            std::ranges::shuffle(parts, random);
            packet_count sum;
            for (const packet_count& each : parts)
                sum.add(each.sums());
            packet_count whole;
            for (const event& each : events)
                whole.add(each.connection, each.node, each.type);
            BOOST_TEST(sum.total() == whole.total());
            BOOST_TEST((sum.sums() == whole.sums()));
        }
    }
}

BOOST_AUTO_TEST_CASE(the_two_events_of_a_packet_in_two_parts_are_one) {
    packet_count drops;
    packet_count verdicts;
    drops.add(1, 1, drop);
    verdicts.add(1, 1, verdict);
    verdicts.add(drops.sums());
    BOOST_TEST(verdicts.total() == 1u);
}

BOOST_AUTO_TEST_CASE(counts_that_somebody_made_up_go_round) {
    packet_count count;
    const packet_sums most{.counted = ~std::uint64_t{0},
                           .by_node = false,
                           .places = {{.place = 1, .node = 1, .drops = std::numeric_limits<std::int64_t>::max()}}};
    count.add(most);
    count.add(most);
    BOOST_TEST(count.sums().places.size() == 1u);
}

// No flow does that: its connection's hash goes by the node.
BOOST_AUTO_TEST_CASE(parts_that_disagree_about_a_node_add_up_in_any_order) {
    const auto one_of = [](std::uint32_t node) {
        return packet_sums{.counted = 1, .by_node = false, .places = {{.place = 7, .node = node, .drops = 1}}};
    };
    packet_count ab;
    ab.add(one_of(1));
    ab.add(one_of(2));
    packet_count ba;
    ba.add(one_of(2));
    ba.add(one_of(1));
    BOOST_TEST((ab.sums() == ba.sums()));
}

BOOST_AUTO_TEST_CASE(counts_that_somebody_made_up_go_round_by_node_too) {
    packet_count count;
    packet_sums most{.counted = 0, .by_node = false, .places = {}};
    for (std::uint64_t place = 1; place <= packet_count::most_connections; ++place)
        most.places.push_back({.place = place, .node = 1, .drops = std::numeric_limits<std::int64_t>::max()});
    count.add(most);
    count.add({.counted = 0, .by_node = true, .places = {{.place = 1, .node = 1, .drops = 1}}});
    BOOST_TEST(count.sums().by_node);
    BOOST_TEST(count.sums().places.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
