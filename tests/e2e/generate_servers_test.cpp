// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Several relays at once: their flows add up, each counts once, and one that fails costs itself alone.
#include <signal.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>
#include <sstream>

#include "e2e/live_case.hpp"

namespace cpg::test {

namespace {

/// The same flows at the nodes of another cluster.
std::string in_cluster(const std::string& capture, const std::string& cluster) {
    std::istringstream in(capture);
    std::string out;
    for (std::string line; std::getline(in, line);) {
        boost::json::object event = boost::json::parse(line).as_object();
        event["node_name"] = cluster + "/node-a";
        boost::json::object& flow = event["flow"].as_object();
        flow["node_name"] = event["node_name"];
        flow["uuid"] = cluster + std::string(flow["uuid"].as_string());
        for (const char* end : {"source", "destination"})
            flow[end].as_object()["cluster_name"] = cluster;
        out += boost::json::serialize(event) + "\n";
    }
    return out;
}

struct servers_case : live_case {
    static constexpr unsigned total = 600;
    const std::string flows = distinct_flows(total);
    const std::string first_half = first_lines(flows, total / 2);
    const std::string second_half = flows.substr(first_half.size());
    const file_texts wanted = replayed(write("whole.jsonl", flows));
    live_case other;  ///< for its server alone

    words at_both(words more = {}) const {
        more.insert(more.begin(), {"--server", address, "--server", other.address, "--flush-interval", "100ms"});
        return more;
    }
    void serve(const std::string& here, const std::string& there) {
        start_sim({"--capture", write("here.jsonl", here).string()});
        other.start_sim({"--capture", other.write("there.jsonl", there).string()});
    }
    /// Until the files are as wanted; the summary.
    boost::json::object until_written(const words& flags) { return generate_until(flags, wanted); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(servers, servers_case)

BOOST_AUTO_TEST_CASE(the_flows_of_two_servers_add_up) {
    serve(first_half, second_half);
    const boost::json::object summary = until_written(at_both());
    BOOST_TEST(number_in(summary, {"flows_seen"}) == total);
}

BOOST_AUTO_TEST_CASE(servers_may_stand_in_one_flag_and_in_the_environment) {
    serve(first_half, second_half);
    environment["HUBBLE_SERVER"] = address + "," + other.address;
    const boost::json::object summary = until_written({"--flush-interval", "100ms"});
    BOOST_TEST(number_in(summary, {"flows_seen"}) == total);
}

BOOST_AUTO_TEST_CASE(two_relays_of_the_same_nodes_count_each_flow_once) {
    serve(flows, flows);
    const auto cpg = start_cpg(at_both());
    BOOST_TEST(eventually([&] {
                   return policies() == wanted &&
                          cpg->err().find("connected to Hubble Relay") != cpg->err().rfind("connected to Hubble Relay");
               }),
               cpg->err());
    cpg->wait(500ms);  // in which nothing is to come a second time
    cpg->signal(SIGTERM);
    BOOST_TEST(cpg->exit_code(20s) == 0, cpg->err());
    BOOST_TEST(number_in(summary_in(cpg->err()), {"flows_seen"}) == total);
    BOOST_TEST((policies() == wanted));
}

BOOST_AUTO_TEST_CASE(a_stream_that_breaks_beside_another_counts_every_flow_once) {
    start_sim({"--capture", write("here.jsonl", first_half).string(), "--cut-after", "100", "--cuts", "2"});
    other.start_sim({"--capture", other.write("there.jsonl", second_half).string()});
    const boost::json::object summary = until_written(at_both());
    BOOST_TEST(number_in(summary, {"flows_seen"}) == total);
}

BOOST_AUTO_TEST_CASE(one_that_refuses_is_named_at_once_and_the_others_go_on) {
    start_sim({"--refuse", "PERMISSION_DENIED"});
    other.start_sim({"--capture", other.write("there.jsonl", flows).string()});
    const auto cpg = start_cpg(at_both());
    BOOST_TEST(eventually([&] { return policies() == wanted && cpg->said("a server is lost; the others go on"); }),
               cpg->err());
    BOOST_TEST(cpg->is_running());
    const std::string said = line_with(cpg->err(), "a server is lost");
    BOOST_TEST(said.find(address) != std::string::npos, said);
    BOOST_TEST(said.find("permission denied") != std::string::npos, said);
    cpg->signal(SIGTERM);
    // What it would have sent is not in the policies: no success.
    BOOST_TEST(cpg->exit_code(20s) == 3, cpg->err());
    BOOST_TEST((policies() == wanted));
}

BOOST_AUTO_TEST_CASE(where_none_can_be_reached_it_ends_and_says_why_for_each) {
    start_sim({});
    other.start_sim({});
    stop_sim();
    other.stop_sim();
    const auto cpg = run_cpg(at_both({"--timeout", "2s"}), 3);
    BOOST_TEST(cpg->said("2 of 2 servers were lost"), cpg->err());
    BOOST_TEST(cpg->said(address), cpg->err());
    BOOST_TEST(cpg->said(other.address), cpg->err());
    BOOST_TEST(policies().empty());
}

BOOST_AUTO_TEST_CASE(clusters_have_their_own_folders) {
    const std::string eu = in_cluster(first_half, "eu");
    const std::string us = in_cluster(second_half, "us");
    serve(eu, us);
    const file_texts by_cluster = replayed(write("both.jsonl", eu + us), {"--by-cluster"});
    BOOST_TEST(by_cluster.size() > 1u);
    const boost::json::object summary = generate_until(at_both({"--by-cluster"}), by_cluster);
    BOOST_TEST(number_in(summary, {"flows_seen"}) == total);
}

BOOST_AUTO_TEST_CASE(a_capture_file_has_the_flows_of_all_each_once) {
    serve(flows, flows);
    const auto cpg = start_cpg(at_both({"--capture-file", (dir / "kept.jsonl").string()}));
    BOOST_TEST(eventually([&] { return policies() == wanted; }), cpg->err());
    cpg->wait(500ms);  // in which nothing is to come a second time
    cpg->signal(SIGTERM);
    BOOST_TEST(cpg->exit_code(20s) == 0, cpg->err());
    BOOST_TEST((replayed(dir / "kept.jsonl") == wanted));
    BOOST_TEST(number_in(replay_summary, {"flows_seen"}) == total);
}

// As of a variable of a script.
BOOST_AUTO_TEST_CASE(one_that_is_empty_is_none) {
    start_sim({"--capture", write("here.jsonl", flows).string()});
    until_written({"--server", "", "--server", address, "--flush-interval", "100ms"});
    const auto cpg = run_cpg({"--server", "", "--timeout", "1s"}, 3);
    BOOST_TEST(cpg->said("loading kubeconfig"), cpg->err());
}

BOOST_AUTO_TEST_CASE(the_same_server_twice_is_a_mistake) {
    start_sim({});
    const auto cpg = run_cpg({"--server", address, "--server", address}, 2);
    BOOST_TEST(cpg->said("stands twice in --server"), cpg->err());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::test
