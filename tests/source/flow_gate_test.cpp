// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/flow_gate.hpp"

#include <boost/test/unit_test.hpp>
#include <deque>
#include <thread>

namespace cpg {

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr replay_guard::time_point now{};

// Lets flows with these uuids, a nanosecond apart, through the gate; returns those that came out.
std::vector<std::string> passed(flow_gate& gate, const std::vector<std::string>& uuids) {
    flow_batch batch;
    for (std::size_t i = 0; i < uuids.size(); ++i) {
        flow& each = batch.flows.emplace_back();
        each.time_ns = 100 * second + static_cast<std::int64_t>(i);
        each.uuid = uuids[i];
    }
    batch.lines = uuids.size();
    gate.expect_piece();
    gate.admit(batch, now);
    BOOST_TEST(batch.lines == batch.flows.size());
    std::vector<std::string> out;
    for (const flow& each : batch.flows)
        out.emplace_back(each.uuid);
    return out;
}

using texts = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(flow_gate_suite)

BOOST_AUTO_TEST_CASE(what_came_before_is_left_out_whoever_asked_for_it_again) {
    flow_gate gate;
    BOOST_TEST((passed(gate, {"a", "b", "a"}) == texts{"a", "b"}));
    BOOST_TEST((passed(gate, {"b", "d"}) == texts{"d"}));
    BOOST_TEST(gate.reopen(now).value() == 99 * second);
    BOOST_TEST((passed(gate, {"b", "c", "a"}) == texts{"c"}));
}

BOOST_AUTO_TEST_CASE(a_flow_without_uuid_is_told_by_its_packet) {
    flow_gate gate;
    const auto again = [&](const char* source, std::uint32_t event) {
        flow_batch batch;
        flow& flow = batch.flows.emplace_back();
        flow.time_ns = second;
        flow.source_ip = source;
        flow.event_type = event;
        batch.lines = 1;
        gate.expect_piece();
        gate.admit(batch, now);
        return batch.flows.size() == 1;
    };
    BOOST_TEST(again("10.0.0.1", 1));
    gate.reopen(now);
    BOOST_TEST(!again("10.0.0.1", 1));
    BOOST_TEST(again("10.0.0.1", 5));
    BOOST_TEST(again("10.0.0.2", 1));
}

BOOST_AUTO_TEST_CASE(a_gate_is_idle_when_every_piece_has_come_through) {
    flow_gate gate;
    BOOST_TEST(gate.is_idle());
    gate.expect_piece();
    BOOST_TEST(!gate.is_idle());
    flow_batch batch;
    gate.admit(batch, now);
    BOOST_TEST(gate.is_idle());
}

BOOST_AUTO_TEST_CASE(a_lost_node_is_told_of) {
    int told = 0;
    flow_gate gate([&told] { ++told; });
    const auto say = [&](const char* state) {
        flow_batch batch;
        batch.nodes.push_back({.state = state, .nodes = {"node-a"}, .message = {}});
        gate.expect_piece();
        gate.admit(batch, now);
    };
    say("NODE_CONNECTED");
    say("NODE_UNAVAILABLE");
    BOOST_TEST(told == 0);
    say("NODE_ERROR");
    BOOST_TEST(told == 1);
}

BOOST_AUTO_TEST_CASE(a_node_that_takes_no_field_mask_is_told_of_before_it_is_lost) {
    std::string told;
    flow_gate gate([&told] { told += "lost "; }, [&told] { told += "mask "; });
    const auto say = [&](const char* message) {
        flow_batch batch;
        batch.nodes.push_back({.state = "NODE_ERROR", .nodes = {"node-a"}, .message = message});
        gate.expect_piece();
        gate.admit(batch, now);
    };
    say("rpc error: code = Unavailable desc = error reading from server: EOF");
    BOOST_TEST(told == "lost ");
    say("rpc error: code = Unknown desc = invalid fieldmask");
    BOOST_TEST(told == "lost mask lost ");
}

BOOST_AUTO_TEST_CASE(the_servers_time_serves_where_no_flow_came) {
    flow_gate gate;
    gate.note_server_time(5 * second, now);
    BOOST_TEST(gate.reopen(now).value() == 5 * second);
}

BOOST_AUTO_TEST_CASE(pieces_on_many_threads_lose_and_double_nothing) {
    flow_gate gate;
    const auto feed = [&](int thread, std::size_t& count) {
        for (int piece = 0; piece < 50; ++piece) {
            std::deque<std::string> uuids;
            flow_batch batch;
            for (int i = 0; i < 20; ++i) {
                flow& each = batch.flows.emplace_back();
                each.time_ns = second + i;
                each.uuid = uuids.emplace_back(std::to_string(thread) + "-" + std::to_string(piece * 20 + i));
            }
            gate.expect_piece();
            gate.admit(batch, now);
            count += batch.flows.size();
        }
    };
    for (const std::size_t expected : {1000u, 0u}) {
        std::vector<std::size_t> counts(4);
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back(feed, i, std::ref(counts[static_cast<std::size_t>(i)]));
        for (std::thread& each : threads)
            each.join();
        for (const std::size_t count : counts)
            BOOST_TEST(count == expected);
        gate.reopen(now);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
