// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/flow_gate.hpp"

#include <boost/test/unit_test.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <thread>

#include "source/relay_decode.hpp"

namespace cpg {

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr replay_guard::time_point now{};

// Lets flows with these uuids, a nanosecond apart, through the gate; returns those that came out.
std::vector<std::string> passed(const std::shared_ptr<flow_gate>& gate, const std::vector<std::string>& uuids) {
    flow_batch batch;
    for (std::size_t i = 0; i < uuids.size(); ++i) {
        flow& each = batch.flows.emplace_back();
        each.time_ns = 100 * second + static_cast<std::int64_t>(i);
        each.uuid = uuids[i];
    }
    batch.lines = uuids.size();
    flow_gate::piece(gate).admit(batch, now);
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
    const auto gate = std::make_shared<flow_gate>();
    BOOST_TEST((passed(gate, {"a", "b", "a"}) == texts{"a", "b"}));
    BOOST_TEST((passed(gate, {"b", "d"}) == texts{"d"}));
    BOOST_TEST(gate->reopen(now).value() == 99 * second);
    BOOST_TEST((passed(gate, {"b", "c", "a"}) == texts{"c"}));
}

BOOST_AUTO_TEST_CASE(gates_that_share_what_is_known_let_each_flow_through_once) {
    const auto known = std::make_shared<shared_events>();
    const auto one = std::make_shared<flow_gate>([] {}, [] {}, known);
    const auto other = std::make_shared<flow_gate>([] {}, [] {}, known);
    BOOST_TEST((passed(one, {"a", "b"}) == texts{"a", "b"}));
    BOOST_TEST((passed(other, {"b", "c"}) == texts{"c"}));
    BOOST_TEST((passed(one, {"c", "d"}) == texts{"d"}));
}

BOOST_AUTO_TEST_CASE(a_flow_without_uuid_is_told_by_its_packet) {
    const auto gate = std::make_shared<flow_gate>();
    const auto again = [&](const char* source, std::uint32_t event) {
        flow_batch batch;
        flow& flow = batch.flows.emplace_back();
        flow.time_ns = second;
        flow.source_ip = source;
        flow.event_type = event;
        batch.lines = 1;
        flow_gate::piece(gate).admit(batch, now);
        return batch.flows.size() == 1;
    };
    BOOST_TEST(again("10.0.0.1", 1));
    gate->reopen(now);
    BOOST_TEST(!again("10.0.0.1", 1));
    BOOST_TEST(again("10.0.0.1", 5));
    BOOST_TEST(again("10.0.0.2", 1));
}

BOOST_AUTO_TEST_CASE(a_gate_is_idle_when_every_piece_has_come_through) {
    const auto gate = std::make_shared<flow_gate>();
    int told = 0;
    gate->when_idle([&told] { ++told; });
    BOOST_TEST(told == 1);
    flow_batch batch;
    flow_gate::piece first(gate);
    flow_gate::piece second(gate);
    gate->when_idle([&told] { told += 100; });
    gate->when_idle([&told] { told += 10; });
    first.admit(batch, now);
    BOOST_TEST(told == 1);
    second.admit(batch, now);
    BOOST_TEST(told == 11);
    flow_gate::piece(gate).admit(batch, now);
    BOOST_TEST(told == 11);
}

// A session that has no more time drops what is queued.
BOOST_AUTO_TEST_CASE(a_piece_that_is_dropped_undecoded_is_not_waited_for) {
    const auto gate = std::make_shared<flow_gate>();
    bool idle = false;
    piece_ptr first = relay_piece_of({}, gate);
    piece_ptr other = relay_piece_of({}, gate);
    gate->when_idle([&idle] { idle = true; });
    first.reset();
    BOOST_TEST(!idle);
    other.reset();
    BOOST_TEST(idle);
}

// Such pieces are let go of after the stream, with the context that they were posted to.
BOOST_AUTO_TEST_CASE(who_is_gone_is_not_told_that_the_gate_is_idle) {
    const auto gate = std::make_shared<flow_gate>();
    bool idle = false;
    piece_ptr piece = relay_piece_of({}, gate);
    gate->when_idle([&idle] { idle = true; });
    gate->forget();
    piece.reset();
    BOOST_TEST(!idle);
}

BOOST_AUTO_TEST_CASE(a_lost_node_is_told_of) {
    int told = 0;
    const auto gate = std::make_shared<flow_gate>([&told] { ++told; });
    const auto say = [&](const char* state) {
        flow_batch batch;
        batch.nodes.push_back({.state = state, .nodes = {"node-a"}, .message = {}});
        flow_gate::piece(gate).admit(batch, now);
    };
    say("NODE_CONNECTED");
    say("NODE_UNAVAILABLE");
    BOOST_TEST(told == 0);
    say("NODE_ERROR");
    BOOST_TEST(told == 1);
}

BOOST_AUTO_TEST_CASE(a_node_that_takes_no_field_mask_is_told_of_before_it_is_lost) {
    std::string told;
    const auto gate = std::make_shared<flow_gate>([&told] { told += "lost "; }, [&told] { told += "mask "; });
    const auto say = [&](const char* message) {
        flow_batch batch;
        batch.nodes.push_back({.state = "NODE_ERROR", .nodes = {"node-a"}, .message = message});
        flow_gate::piece(gate).admit(batch, now);
    };
    say("rpc error: code = Unavailable desc = error reading from server: EOF");
    BOOST_TEST(told == "lost ");
    say("rpc error: code = Unknown desc = invalid fieldmask");
    BOOST_TEST(told == "lost mask lost ");
}

BOOST_AUTO_TEST_CASE(the_servers_time_serves_where_no_flow_came) {
    const auto gate = std::make_shared<flow_gate>();
    gate->note_server_time(5 * second, now);
    BOOST_TEST(gate->reopen(now).value() == 5 * second);
}

BOOST_AUTO_TEST_CASE(pieces_on_many_threads_lose_and_double_nothing) {
    const auto gate = std::make_shared<flow_gate>();
    const auto feed = [&](int thread, std::size_t& count) {
        for (int piece = 0; piece < 50; ++piece) {
            std::deque<std::string> uuids;
            flow_batch batch;
            for (int i = 0; i < 20; ++i) {
                flow& each = batch.flows.emplace_back();
                each.time_ns = second + i;
                each.uuid = uuids.emplace_back(std::to_string(thread) + "-" + std::to_string(piece * 20 + i));
            }
            flow_gate::piece(gate).admit(batch, now);
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
        gate->reopen(now);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
