// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// What a stream does when it breaks: opened again, asked for what is missing, given up.
#include <boost/test/unit_test.hpp>

#include "support/patience.hpp"
#include "support/stream_fixture.hpp"

namespace cpg {

using std::chrono::milliseconds;
using test::stream_fixture;

BOOST_FIXTURE_TEST_SUITE(relay_reconnect_suite, stream_fixture, *boost::unit_test::timeout(test::patient(60U)))

BOOST_AUTO_TEST_CASE(a_cut_stream_goes_on_where_it_was_and_counts_nothing_twice) {
    sim.flows = 3000;
    sim.cut_after = 700;
    sim.cuts = 3;
    serve_to_the_end();
    open();
    run_to_each_once(3000);
    BOOST_TEST(stream->reconnects() > 0u);
    BOOST_TEST(logged().find("connected to Hubble Relay again") != std::string::npos);
    BOOST_TEST(receiver.ends == 0);
}

// Which flows have come is known when they are decoded, and a busy machine may be late with that.
BOOST_AUTO_TEST_CASE(a_cut_stream_is_not_reopened_while_its_flows_are_being_decoded) {
    sim.flows = 1000;
    sim.cut_after = 400;
    serve_to_the_end();
    receiver.holds = true;
    // More than there are messages: a slow server fills a piece with each.
    open(2000, false);
    BOOST_REQUIRE(run_until([this] { return logged().find("trying again") != std::string::npos; }));
    // Many times the longest back-off. What must not come has no event; a slow machine only sees less of it.
    run_for(10 * options.longest_backoff);
    BOOST_TEST(stream->reconnects() == 0u);
    receiver.release();
    run_to_each_once(1000);
    BOOST_TEST(stream->reconnects() == 1u);
}

// Relay asks a node that is back for what comes from then on; its ring still has what came in between.
BOOST_AUTO_TEST_CASE(flows_of_a_node_that_relay_lost_for_a_while_are_asked_for_again) {
    sim.flows = 1000;
    sim.node_error_after = 400;
    sim.node_error_loses = 100;
    serve_to_the_end();
    open();
    run_to_each_once(1000);
    BOOST_TEST(stream->reconnects() == 0u);
    BOOST_TEST(logged().find("relay lost a node") != std::string::npos);
    // For the stream's end alone.
    BOOST_TEST(logged().find("trying again") == logged().rfind("trying again"));
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_take_the_field_mask_is_asked_for_whole_flows) {
    sim.flows = 300;
    sim.field_mask = sim::mask_handling::refused;
    serve();
    open();
    BOOST_REQUIRE(run_to_flows(300));
    BOOST_TEST(stream->reconnects() == 0u);
    BOOST_TEST(receiver.ends == 0);
    BOOST_TEST(logged().find("asking for whole flows") != std::string::npos);
    BOOST_TEST(logged().find("WARN") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(so_it_is_when_one_of_relays_nodes_does_not) {
    sim.flows = 300;
    sim.field_mask = sim::mask_handling::refused_by_node;
    serve_to_the_end();
    open();
    run_to_each_once(300);
    BOOST_TEST(logged().find("asking for whole flows") != std::string::npos);
}

// Each node's time counts by itself: the newest of the one that is ahead says nothing of the others.
BOOST_AUTO_TEST_CASE(nodes_whose_clocks_differ_lose_nothing_when_the_stream_breaks) {
    sim.flows = 3000;
    sim.cut_after = 700;
    sim.cuts = 3;
    sim.skew = std::chrono::minutes(20);
    serve_to_the_end();
    open();
    run_to_each_once(3000);
}

BOOST_AUTO_TEST_CASE(a_node_that_relay_reaches_late_is_heard_from_its_first_flow_on) {
    sim.flows = 3000;
    sim.late_node_after = 1000;
    sim.cut_after = 700;  // it has not been heard of by then
    serve_to_the_end();
    open();
    run_to_each_once(3000);
}

// Relay asks a node that it had lost with cpg's own request, and so for what has come already.
BOOST_AUTO_TEST_CASE(flows_that_relay_sends_again_count_once) {
    sim.flows = 2000;
    sim.resend_after = 1500;
    serve_to_the_end();
    open();
    run_to_each_once(2000);
}

BOOST_AUTO_TEST_CASE(stop_while_a_lost_node_is_waited_for) {
    sim.flows = 1000;
    sim.node_error_after = 400;
    sim.node_error_loses = 600;
    serve();
    open();
    BOOST_REQUIRE(run_to_flows(400));
    BOOST_REQUIRE(run_until([this] { return receiver.nodes.back() == "NODE_ERROR"; }));
    io->poll();  // what that has posted
    stream->stop();
    BOOST_REQUIRE(run_to_end());
    BOOST_TEST(receiver.end->problem == "");
    BOOST_TEST(receiver.uuids.size() == 400u);
}

// A starting API server refuses everybody.
BOOST_AUTO_TEST_CASE(a_refusal_on_the_way_is_waited_out_after_a_first_connection) {
    sim.flows = 100;
    bool refused = false;
    options.permanent_failure = [&refused] { return refused; };
    options.explain_unavailable = [] { return std::string("pods is forbidden"); };
    serve();
    open();
    BOOST_REQUIRE(run_to_flows(100));
    refused = true;
    sim.listen = server->address();
    server.reset();
    BOOST_REQUIRE(run_until([this] { return logged().find("pods is forbidden") != std::string::npos; }));
    BOOST_TEST(receiver.ends == 0);
    sim.flows = 200;
    server = std::make_unique<sim::relay_server>(sim);
    BOOST_REQUIRE(run_to_flows(200));
    BOOST_TEST(receiver.ends == 0);
}

BOOST_AUTO_TEST_CASE(a_refusal_on_the_way_is_not_waited_out_for_ever) {
    options.patience_when_refused = milliseconds(300);
    options.permanent_failure = [] { return true; };
    options.explain_unavailable = [] { return std::string("pods is forbidden"); };
    serve();
    open();
    BOOST_REQUIRE(run_to_flows(1000));
    server.reset();
    BOOST_REQUIRE(run_to_end());
    BOOST_TEST(receiver.end->problem.find("pods is forbidden") != std::string::npos);
}

// What came before the connection, as a preflight, has taken all of the time.
BOOST_AUTO_TEST_CASE(a_time_that_is_over_is_over_for_every_way) {
    sim.late = std::chrono::seconds(30);
    options.first_deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
    options.untried_ways = [] { return std::size_t{2}; };
    serve();
    open();
    BOOST_REQUIRE(run_to_end());
    BOOST_TEST(receiver.end->problem.find("in its share of") != std::string::npos, receiver.end->problem);
}

BOOST_AUTO_TEST_CASE(every_way_is_tried_for_the_first_connection) {
    std::size_t untried = 3;
    options.untried_ways = [&untried] { return untried; };
    options.way_failed = [&] {
        --untried;
        if (untried == 1) server = std::make_unique<sim::relay_server>(sim);
    };
    serve();
    sim.listen = server->address();
    server.reset();
    open();
    BOOST_REQUIRE(run_to_flows(1000));
    BOOST_TEST(untried == 1u);
    BOOST_TEST(logged().find("trying its next pod") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_server_that_ends_the_stream_is_asked_again) {
    sim.flows = 50;
    sim.end_when_done = true;
    serve();
    open();
    BOOST_REQUIRE(run_until([this] { return stream->reconnects() >= 2; }));
    BOOST_TEST(receiver.uuids.size() == 50u);
    BOOST_TEST(logged().find("ended the stream") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_server_that_went_away_is_found_again) {
    sim.flows = 100;
    serve();
    open();
    BOOST_REQUIRE(run_to_flows(100));
    sim.listen = server->address();
    server.reset();
    BOOST_REQUIRE(run_until([this] { return logged().find("trying again") != std::string::npos; }));
    sim.flows = 200;
    server = std::make_unique<sim::relay_server>(sim);
    BOOST_REQUIRE(run_to_flows(200));
    BOOST_TEST(receiver.uuids.size() == 200u);
    BOOST_TEST(test::all_distinct(receiver.uuids));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
