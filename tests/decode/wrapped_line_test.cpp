// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Flows in lines that log collectors and shells have wrapped, and lines of other programs.

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include "support/data.hpp"
#include "support/decoded.hpp"
#include "support/flow_text.hpp"

namespace cpg {

namespace {

using test::decoded;

const std::string flow_json =
    R"({"flow":{"verdict":"DROPPED","uuid":"a\u0061","source":{"labels":["k8s:app=x"]},"l4":{"TCP":{"destination_port":80}}},)"
    R"("node_name":"n"})";

std::string json_string(const std::string& text) {
    return boost::json::serialize(boost::json::value(text));
}

std::size_t flows_in(const std::string& line) {
    const decoded one(line + "\n");
    BOOST_TEST(one.batch.lines == 1u);
    BOOST_TEST((one.batch.malformed_count == 0) == !one.batch.flows.empty(), one.problem());
    for (const flow& each : one.batch.flows)
        BOOST_TEST(test::flow_text(each) == test::flow_text(decoded(flow_json).flow()));
    return one.batch.flows.size();
}

std::string problem_of(const std::string& line) {
    return decoded(line + "\n").problem();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wrapped_line_suite)

BOOST_AUTO_TEST_CASE(a_flow_behind_a_prefix_is_read) {
    for (const std::string prefix :
         {"[pod/cilium-abcde/cilium-agent] ", "cilium-abcde cilium-agent ", "cilium-abcde › cilium-agent ",
          "capture.jsonl:", "capture.jsonl:12:", "capture.jsonl-11-", "Jan 14 09:00:00 node-1 hubble[4242]: ",
          "2026-01-14T09:00:00.123456789Z stdout F ", "2026-01-14T09:00:00.123456789Z ", R"({app="hubble", node="a"} )",
          R"(2026-01-14T09:00:00Z {app="hubble"} )", "\x1b[32mcilium\x1b[0m "})
        BOOST_TEST(flows_in(prefix + flow_json) == 1u, prefix);
    BOOST_TEST(flows_in("cilium " + flow_json + "\x1b[0m") == 1u);
}

BOOST_AUTO_TEST_CASE(a_flow_in_a_string_of_a_member_is_read) {
    const std::string text = json_string(flow_json);
    const std::string text_with_break = json_string(flow_json + "\n");
    for (const std::string& line :
         {R"({"log":)" + text_with_break + R"(,"stream":"stdout","time":"2026-01-14T09:00:00.1Z"})",
          R"({"date":1768381200.1,"log":)" + text + R"(,"kubernetes":{"pod_name":"cilium-a"}})",
          R"({"labels":{"app":"hubble"},"line":)" + text + R"(,"timestamp":"2026-01-14T09:00:00Z"})",
          R"({"MESSAGE":)" + text + R"(,"_HOSTNAME":"n","PRIORITY":"6"})",
          R"({"@timestamp":"2026-01-14T09:00:00Z","source":"hubble","message":)" + text + "}",
          R"({"uuid":"of the wrapper","type":"log","message":)" + text + "}", R"({"result":{"_raw":)" + text + "}}",
          R"({"insertId":"x","textPayload":)" + text + "}",
          R"({"log":)" + json_string("2026-01-14T09:00:00Z stdout F " + flow_json) + "}",
          R"({"log":)" + json_string(R"({"log":)" + text + "}") + "}"})
        BOOST_TEST(flows_in(line) == 1u, line);
}

BOOST_AUTO_TEST_CASE(a_flow_that_is_an_object_in_a_member_is_read) {
    for (const std::string& line :
         {R"({"log":"","log_processed":)" + flow_json + "}", R"({"insertId":"x","jsonPayload":)" + flow_json + "}",
          R"({"hits":{"hits":[{"_source":)" + flow_json + "}]}}", "[" + flow_json + "]", "[[" + flow_json + "]]"})
        BOOST_TEST(flows_in(line) == 1u, line);
}

BOOST_AUTO_TEST_CASE(several_flows_in_one_line_are_read) {
    BOOST_TEST(flows_in(flow_json + flow_json + " " + flow_json) == 3u);
    BOOST_TEST(flows_in("[" + flow_json + "," + flow_json + "]") == 2u);
    const std::string values = R"(["1768381200000000000",)" + json_string(flow_json) + "]";
    BOOST_TEST(
        flows_in(R"({"status":"success","data":{"resultType":"streams","result":[{"stream":{"app":"x"},"values":[)" +
                 values + "," + values + R"(]},{"stream":{},"values":[)" + values + "]}]}}") == 3u);
}

BOOST_AUTO_TEST_CASE(other_events_are_known_in_wrappers_too) {
    const decoded lost(R"({"log":"{\"lost_events\":{\"source\":\"HUBBLE_RING_BUFFER\",\"num_events_lost\":\"7\"}}\n"})"
                       "\n");
    BOOST_TEST_REQUIRE(lost.batch.lost.size() == 1u);
    BOOST_TEST(lost.batch.lost[0].number == 7u);
    BOOST_TEST(lost.batch.malformed_count == 0u);
}

BOOST_AUTO_TEST_CASE(what_describes_a_line_is_not_taken_for_what_it_says) {
    for (const char* member : {"kubernetes", "labels", "annotations", "metadata"})
        BOOST_TEST(flows_in(R"({"log":"nothing","a":{")" + std::string(member) + R"(":{"x":)" + json_string(flow_json) +
                            "}}}") == 0u);
}

BOOST_AUTO_TEST_CASE(a_line_that_is_an_event_with_a_fault_is_not_searched_for_another) {
    const std::string text = json_string(flow_json);
    BOOST_TEST(flows_in(R"({"flow":{"uuid":7,"Summary":)" + text + "}}") == 0u);
    BOOST_TEST(flows_in(R"({"flow":{"uuid":"a","uuid":"b"},"log":)" + text + "}") == 0u);
    BOOST_TEST(flows_in(flow_json + " and more") == 0u);
    BOOST_TEST(flows_in("compact " + flow_json + " (") == 0u);
}

BOOST_AUTO_TEST_CASE(hostile_nesting_ends_soon) {
    std::string text = flow_json;
    for (int i = 0; i < 12; ++i)
        text = R"({"log":)" + json_string(text) + "}";
    BOOST_TEST(flows_in(text) == 0u);
    std::string braces;
    for (int i = 0; i < 200'000; ++i)
        braces += "{\"";
    BOOST_TEST(flows_in("x " + braces) == 0u);
    std::string lists = R"({"log":)";
    for (int i = 0; i < 100'000; ++i)
        lists += "[";
    BOOST_TEST(flows_in(lists) == 0u);
}

BOOST_AUTO_TEST_CASE(output_of_other_programs_is_named_with_what_to_do) {
    const auto names = [](const std::string& line, std::string_view format) {
        const std::string problem = problem_of(line);
        BOOST_TEST(problem.find(format) != std::string::npos, line << ": " << problem);
        BOOST_TEST(problem.find("hubble observe -o jsonpb") != std::string::npos, problem);
    };
    names("Jan 14 09:13:41.002: shop/a:1 (ID:7) -> shop/b:2 (ID:8) policy-verdict:none INGRESS DENIED (TCP Flags: SYN)",
          "compact output");
    names("  TIMESTAMP: Jan 14 09:13:41.002", "dict output");
    names("     SOURCE: shop/a:1", "dict output");
    names("TIMESTAMP             SOURCE      DESTINATION    TYPE   VERDICT   SUMMARY", "table output");
    names("Policy verdict log: flow 0x0 local EP ID 7, remote ID 8, proto 6, ingress, action deny", "cilium monitor");
    names(
        "xx drop (Policy denied) flow 0x0 to endpoint 7, file bpf_lxc.c line 1, , identity 8->9: 10.0.0.1 -> 10.0.0.2",
        "cilium monitor");
    names("-> endpoint 7 flow 0x0 , identity 8->9 state new ifindex lxc1: 10.0.0.1:1 -> 10.0.0.2:2 tcp SYN",
          "cilium monitor");
    names(R"({"cpu":"CPU 01:","type":"drop","mark":"0x1","reason":"Policy denied","summary":{}})", "cilium monitor -j");
    names(R"({"connection":{"src_ip":"10.0.0.1"},"disposition":"deny","node_name":"n"})", "GKE");
    names(R"({"jsonPayload":{"connection":{"src_ip":"10.0.0.1"},"disposition":"deny"}})", "GKE");
    names("apiVersion: cilium.io/v2", "Kubernetes object");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
