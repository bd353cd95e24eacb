// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// A stream that breaks and comes back: every flow counts once, and what was lost on the way is told.
#include <signal.h>

#include <boost/test/unit_test.hpp>

#include "e2e/live_case.hpp"

namespace cpg::test {

namespace {

struct reconnect_case : live_case {
    static constexpr unsigned total = 2000;
    const std::filesystem::path capture = write("capture.jsonl", distinct_flows(total));
    const file_texts wanted = replayed(capture);

    std::string log() const { return read_text(dir / ("err." + std::to_string(runs - 1))); }
};

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(reconnect, reconnect_case)

BOOST_AUTO_TEST_CASE(a_stream_that_is_cut_again_and_again_counts_every_flow_once) {
    start_sim({"--capture", capture.string(), "--cut-after", "500", "--cuts", "3"});
    const boost::json::object summary = generate_until(at_sim(), wanted);
    BOOST_TEST(number_in(summary, {"flows_seen"}) == total);
    BOOST_TEST(count_of(log(), "connected to Hubble Relay again") == 3u, log());
    BOOST_TEST(log().find("cut by relay-sim") != std::string::npos, log());
}

BOOST_AUTO_TEST_CASE(a_relay_that_restarts_counts_every_flow_once) {
    const words flags = {"--capture", capture.string()};
    start_sim(flags);
    const auto cpg = start_cpg(at_sim({"--flush-interval", "100ms"}));
    BOOST_TEST(eventually([&] { return policies() == wanted; }), cpg->err());
    restart_sim(flags);
    BOOST_TEST(eventually([&] { return cpg->said("connected to Hubble Relay again"); }), cpg->err());
    cpg->wait(1s);  // in which nothing is to come a second time
    cpg->signal(SIGTERM);
    BOOST_TEST(cpg->exit_code(20s) == 0, cpg->err());
    BOOST_TEST((policies() == wanted));
    BOOST_TEST(number_in(summary_in(cpg->err()), {"flows_seen"}) == total);
}

BOOST_AUTO_TEST_CASE(a_server_that_ends_the_stream_is_asked_again) {
    start_sim({"--capture", capture.string(), "--end-when-done"});
    const auto cpg = start_cpg(at_sim({"--flush-interval", "100ms"}));
    BOOST_TEST(eventually([&] { return cpg->said("connected to Hubble Relay again"); }), cpg->err());
    cpg->signal(SIGTERM);
    BOOST_TEST(cpg->exit_code(20s) == 0, cpg->err());
    BOOST_TEST((policies() == wanted));
    BOOST_TEST(number_in(summary_in(cpg->err()), {"flows_seen"}) == total);
}

BOOST_AUTO_TEST_CASE(a_relay_that_comes_back_and_refuses_ends_with_3_and_all_files) {
    start_sim({"--capture", capture.string()});
    const auto cpg = start_cpg(at_sim({"--flush-interval", "100ms"}));
    BOOST_TEST(eventually([&] { return policies() == wanted; }), cpg->err());
    restart_sim({"--refuse", "PERMISSION_DENIED"});
    BOOST_TEST(cpg->exit_code(40s) == 3, cpg->err());
    BOOST_TEST(cpg->said("permission denied"), cpg->err());
    BOOST_TEST((policies() == wanted));
    BOOST_TEST(number_in(summary_in(cpg->err()), {"flows_seen"}) == total);
}

BOOST_AUTO_TEST_CASE(a_signal_while_the_relay_is_away_ends_at_once_with_all_files) {
    start_sim({"--capture", capture.string(), "--tells-end"});
    const auto cpg = start_cpg(at_sim({"--flush-interval", "1h"}));
    BOOST_TEST(eventually([&] { return cpg->said("sim/no-more"); }), cpg->err());
    stop_sim();
    BOOST_TEST(eventually([&] { return cpg->said("no connection to Hubble Relay, trying again"); }), cpg->err());
    cpg->signal(SIGTERM);
    BOOST_TEST(cpg->exit_code(10s) == 0, cpg->err());
    BOOST_TEST((policies() == wanted));
}

BOOST_AUTO_TEST_CASE(lost_events_and_unavailable_nodes_are_warned_of_and_summed_up) {
    start_sim({"--capture", capture.string(), "--lost-events", "5:HUBBLE_RING_BUFFER", "--lost-events",
               "7:PERF_EVENT_RING_BUFFER", "--node-unavailable", "worker-7", "--node-unavailable", "worker-9"});
    const boost::json::object summary = generate_until(at_sim(), wanted);
    BOOST_TEST(number_in(summary, {"lost_events", "HUBBLE_RING_BUFFER"}) == 5u);
    BOOST_TEST(number_in(summary, {"lost_events", "PERF_EVENT_RING_BUFFER"}) == 7u);
    BOOST_TEST((summary.at("nodes_unavailable") == boost::json::array{"worker-7", "worker-9"}));
    const std::string lost = line_with(log(), "events lost");
    BOOST_TEST(lost.find("\"level\":\"warn\"") != std::string::npos, log());
    const std::string nodes = line_with(log(), "nodes unavailable");
    BOOST_TEST(nodes.find("worker-7") != std::string::npos, log());
    BOOST_TEST(nodes.find("\"level\":\"warn\"") != std::string::npos, log());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::test
