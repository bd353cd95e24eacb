// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_stream.hpp"

#include <boost/test/unit_test.hpp>
#include <thread>

#include "support/patience.hpp"
#include "support/stream_fixture.hpp"

namespace cpg {

using std::chrono::milliseconds;
using test::stream_fixture;

BOOST_FIXTURE_TEST_SUITE(relay_stream_suite, stream_fixture, *boost::unit_test::timeout(test::patient(60U)))

BOOST_AUTO_TEST_CASE(flows_come_in_order_and_only_once) {
    sim.flows = 20'000;
    serve();
    open();
    BOOST_REQUIRE(run_to_flows(20'000));
    BOOST_TEST(receiver.uuids.size() == 20'000u);
    BOOST_TEST(std::ranges::is_sorted(receiver.uuids));
    BOOST_TEST(test::all_distinct(receiver.uuids));
    BOOST_TEST(receiver.malformed == 0u);
    BOOST_TEST(receiver.ends == 0);
}

BOOST_AUTO_TEST_CASE(an_empty_stream_is_connected_and_goes_on) {
    sim.flows = 0;
    sim.unavailable_nodes = {"worker-4"};
    serve();
    open();
    BOOST_REQUIRE(run_until([this] { return receiver.nodes.size() == 2; }));
    BOOST_TEST(receiver.nodes[1] == "NODE_UNAVAILABLE");
    BOOST_REQUIRE(run_until([this] { return logged().find("connected to Hubble Relay  {") != std::string::npos; }));
    const std::string log = logged();
    BOOST_TEST(log.find("connected to Hubble Relay  {\"server\": \"127.0.0.1:") != std::string::npos);
    BOOST_TEST(log.find(R"("version": "cilium v1.19.4+g0000000", "connected_nodes": 4, "unavailable_nodes": 1)") !=
               std::string::npos);
    BOOST_TEST(receiver.ends == 0);
    stream->stop();
    BOOST_REQUIRE(run_to_end());
    BOOST_TEST(receiver.end->problem == "");
}

// Too few of them to be a fast stream, however they come: no two pieces lie nearer than the time of gathering.
BOOST_AUTO_TEST_CASE(what_a_slow_stream_sends_comes_in_few_pieces) {
    sim.flows = piece_pace::few / 2;
    sim.rate = 200;
    serve();
    const auto begun = std::chrono::steady_clock::now();
    open();
    BOOST_REQUIRE(run_to_flows(piece_pace::few / 2));
    const auto elapsed = std::chrono::steady_clock::now() - begun;
    BOOST_TEST(receiver.pieces <= static_cast<std::size_t>(elapsed / piece_pace::gather_time) + 2);
}

BOOST_AUTO_TEST_CASE(lost_events_come_through) {
    sim.lost_events = {{7, "HUBBLE_RING_BUFFER"}, {3, "PERF_EVENT_RING_BUFFER"}};
    serve();
    open();
    BOOST_REQUIRE(run_to_flows(1000));
    BOOST_TEST(receiver.lost == 10u);
}

BOOST_AUTO_TEST_CASE(only_what_was_dropped_is_asked_for) {
    sim.drop_share = 0.5;
    serve_to_the_end();
    open();
    BOOST_REQUIRE(run_to_the_streams_end());
    BOOST_TEST(receiver.uuids.size() > 300u);
    BOOST_TEST(receiver.uuids.size() < 700u);
}

BOOST_AUTO_TEST_CASE(namespaces_are_asked_for_at_either_end) {
    options.namespaces = {"team-1"};
    serve_to_the_end();
    open();
    BOOST_REQUIRE(run_to_the_streams_end());
    BOOST_TEST(receiver.uuids.size() >= 500u);
    BOOST_TEST(receiver.uuids.size() < 1000u);
}

BOOST_AUTO_TEST_CASE(a_receiver_that_does_not_ask_parks_the_reader) {
    sim.loop = true;
    serve();
    open(1, false);
    BOOST_REQUIRE(run_until([this] { return receiver.pieces == 1; }));
    const std::uint64_t before = stream->bytes_read();
    // Nothing tells how much lies there: who asks ever later gets a full piece at last. The first one may have been
    // full.
    receiver.largest_piece = 0;
    std::size_t asked = 1;
    for (auto pause = milliseconds(50); receiver.largest_piece < relay_reactor::most_messages; pause *= 2) {
        run_for(pause);
        BOOST_REQUIRE(receiver.pieces == asked++);
        stream->request(1);
        BOOST_REQUIRE(run_until([&] { return receiver.pieces == asked; }));
    }
    BOOST_TEST(receiver.largest_piece == relay_reactor::most_messages);
    BOOST_TEST(stream->bytes_read() > before);
    // Whatever was sent meanwhile is still to come, none of it lost.
    receiver.source = stream.get();
    stream->request(1);
    BOOST_REQUIRE(run_to_flows(5000));
    BOOST_TEST(test::all_distinct(receiver.uuids));
    BOOST_TEST(receiver.largest_piece <= relay_reactor::most_messages);
}

BOOST_AUTO_TEST_CASE(stop_delivers_what_had_come_and_ends_once) {
    sim.loop = true;
    serve();
    // As above: a stream that is stopped late enough has a full piece left.
    std::size_t delivered = 0;
    int rounds = 0;
    for (auto pause = milliseconds(50); delivered < relay_reactor::most_messages - 1; pause *= 2, ++rounds) {
        receiver.end.reset();
        receiver.pieces = 0;
        open(1, false);
        BOOST_REQUIRE(run_until([this] { return receiver.pieces == 1; }));
        run_for(pause);
        stream->stop();
        stream->stop();
        run_for(pause);
        BOOST_REQUIRE(receiver.ends == rounds);
        const std::size_t before = receiver.uuids.size();
        stream->request(10);
        BOOST_REQUIRE(run_to_end());
        BOOST_TEST(receiver.end->problem == "");
        delivered = receiver.uuids.size() - before;
        BOOST_REQUIRE(test::run_dry(*io));
        BOOST_REQUIRE(receiver.ends == rounds + 1);
    }
}

BOOST_AUTO_TEST_CASE(stop_ends_at_once_whatever_goes_on) {
    sim.late = std::chrono::seconds(30);
    serve();
    open();
    BOOST_REQUIRE(run_until([this] { return server->streams() == 1; }));
    stream->stop();
    BOOST_REQUIRE(run_to_end());
    BOOST_TEST(receiver.end->problem == "");
}

BOOST_AUTO_TEST_CASE(stop_while_waiting_for_the_next_attempt) {
    options.first_backoff = options.longest_backoff = std::chrono::seconds(30);
    sim.cut_after = 10;
    serve();
    open();
    BOOST_REQUIRE(run_until([this] { return logged().find("trying again") != std::string::npos; }));
    stream->stop();
    BOOST_TEST(receiver.ends == 0);
    BOOST_REQUIRE(run_to_end());
    BOOST_TEST(receiver.end->problem == "");
    BOOST_TEST(receiver.uuids.size() == 10u);
}

BOOST_AUTO_TEST_CASE(the_context_runs_dry_after_the_end) {
    serve();
    open();
    BOOST_REQUIRE(run_to_flows(1000));
    stream->stop();
    BOOST_REQUIRE(run_to_end());
    BOOST_TEST(test::run_dry(*io));
}

BOOST_AUTO_TEST_CASE(teardown_under_load_with_completions_that_never_run) {
    sim.loop = true;
    serve();
    for (int round = 0; round < 20; ++round) {
        open(4);
        run_to_flows(receiver.uuids.size() + 100);
        // Another point of what goes on in each round; none of them is a wrong one.
        std::this_thread::sleep_for(milliseconds(round % 3));
        close();
    }
    BOOST_TEST(receiver.ends == 0);
}

// gRPC keeps a call whose reader waits, and the destructor waits for gRPC.
BOOST_AUTO_TEST_CASE(teardown_of_a_parked_reader) {
    sim.loop = true;
    serve();
    for (int round = 0; round < 20; ++round) {
        open(0, false);
        // As above.
        std::this_thread::sleep_for(milliseconds(round));
        run_for(milliseconds(round % 3));
        close();
    }
    BOOST_TEST(receiver.pieces == 0u);
}

BOOST_AUTO_TEST_CASE(a_server_without_status_is_tolerated) {
    sim.server_status = false;
    serve();
    open();
    BOOST_REQUIRE(run_to_flows(1000));
    BOOST_TEST(logged().find("connected to Hubble Relay") != std::string::npos);
}

// One agent that hangs anywhere in the cluster holds relay's ServerStatus back.
BOOST_AUTO_TEST_CASE(a_status_that_never_comes_holds_up_no_flow) {
    sim.server_status_hangs = true;
    sim.flows = 100;
    serve();
    open();
    BOOST_REQUIRE(run_to_flows(100));
    BOOST_REQUIRE(run_until([this] { return logged().find("connected to Hubble Relay") != std::string::npos; }));
    BOOST_TEST(logged().find("version") == std::string::npos);
    stream->stop();
    BOOST_REQUIRE(run_to_end());
    BOOST_TEST(receiver.end->problem == "");
}

BOOST_AUTO_TEST_CASE(a_status_that_is_refused_refuses_no_flow) {
    sim.refuse_server_status = grpc::StatusCode::PERMISSION_DENIED;
    sim.flows = 100;
    serve();
    open();
    BOOST_REQUIRE(run_to_flows(100));
    BOOST_REQUIRE(run_until([this] { return logged().find("connected to Hubble Relay") != std::string::npos; }));
    BOOST_TEST(receiver.ends == 0);
}

// An agent has nothing to say before its first flow.
BOOST_AUTO_TEST_CASE(a_refused_status_and_no_flow_yet_are_a_connection) {
    options.timeout = test::patient(milliseconds(500));
    sim.refuse_server_status = grpc::StatusCode::PERMISSION_DENIED;
    sim.greets = false;
    sim.flows = 0;
    serve();
    open();
    BOOST_REQUIRE(run_until([this] { return logged().find("connected to Hubble Relay") != std::string::npos; }));
    BOOST_TEST(receiver.ends == 0);
}

BOOST_AUTO_TEST_CASE(a_late_answer_within_the_timeout_is_waited_for) {
    sim.late = milliseconds(300);
    serve();
    open();
    BOOST_REQUIRE(run_to_flows(1000));
}

BOOST_AUTO_TEST_CASE(a_stalled_stream_is_waited_for_for_ever) {
    options.timeout = test::patient(milliseconds(500));
    sim.stall_after = 10;
    serve();
    open();
    BOOST_REQUIRE(run_to_flows(10));
    // The time is what is tested: with a timeout that counted here, this would be the end.
    run_for(2 * options.timeout);
    BOOST_TEST(receiver.ends == 0);
}

BOOST_AUTO_TEST_CASE(messages_over_grpcs_usual_limit_are_read) {
    std::string line =
        R"({"flow":{"uuid":"big","verdict":"DROPPED","destination_names":[")" + std::string(6 << 20, 'x') + "\"]}}\n";
    test::write_text(dir / "capture", line);
    sim.capture = dir / "capture";
    serve();
    open();
    BOOST_REQUIRE(run_to_flows(1));
    BOOST_TEST(stream->bytes_read() > 6'000'000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
