// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// What a user of --l7 sees.

#include <boost/test/unit_test.hpp>

#include "e2e/workplace.hpp"
#include "support/policy_invariants.hpp"

namespace cpg {

using test::has;
using test::run_result;
using test::workplace;

namespace {

// The capture that the README shows.
std::string example() {
    return (test::data_path("").parent_path().parent_path().parent_path() / "docs/examples/l7.jsonl").string();
}

std::string request(const std::string& url, const std::string& method = "GET", const std::string& verdict = "DROPPED") {
    return R"({"flow":{"time":"2026-01-14T09:00:00Z","verdict":")" + verdict +
           R"(","IP":{"source":"10.0.0.1","destination":"10.0.0.2"},"l4":{"TCP":{"source_port":40000,)"
           R"("destination_port":8080}},"source":{"namespace":"shop","labels":["k8s:app=web"]},)"
           R"("destination":{"namespace":"shop","labels":["k8s:app=api"]},"Type":"L7","l7":{"type":"REQUEST","http":)"
           R"({"method":")" +
           method + R"(","url":")" + url +
           R"(","headers":[{"key":"Authorization","value":"Bearer pl4nted-header"}]}},)"
           R"("event_type":{"type":129},"traffic_direction":"INGRESS","is_reply":false},"node_name":"n"})"
           "\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(l7_suite)

BOOST_AUTO_TEST_CASE(the_example_gives_the_http_rule_the_names_and_the_companion) {
    const workplace at;
    BOOST_TEST(at.run({"replay", example(), "--l7"}).exit_code == 0);
    BOOST_TEST(test::joined(test::tree_faults(at / "policies")) == "");
    const std::string text = at.files().at("production/api-server.yaml");
    BOOST_TEST(has(text, "path: '^/api/v1/users(\\?.*)?$'"));
    BOOST_TEST(has(text, "k8s-app: kube-dns"));
    BOOST_TEST(has(text,
                   "- toFQDNs:\n        - matchName: api.example.com\n      toPorts:\n        - ports:\n"
                   "            - port: \"443\""));
    BOOST_TEST(!has(text, "toCIDR"));
    BOOST_TEST(has(at.run({"replay", example(), "--l7"}).err, "\"policies_written\": 0"));
}

BOOST_AUTO_TEST_CASE(secrets_of_a_request_reach_no_file_no_log_and_no_diff) {
    const workplace at;
    const std::string capture = request("http://pl4nted-user:pl4nted-password@pl4nted-host:8080/x?token=pl4nted-query");
    const run_result ran = at.run({"replay", "-", "--l7", "--debug"}, capture);
    const run_result diff = at.run({"replay", "-", "--l7", "--dry-run", "-o", "other"}, capture);
    const run_result without = at.run({"replay", "-", "--debug", "-o", "third"}, capture);
    BOOST_TEST(at.files().size() == 1u);
    std::string all = ran.out + ran.err + diff.out + diff.err + without.out + without.err;
    for (const auto& [path, text] : at.files("."))
        all += text;
    for (const auto& [path, text] : at.files("../cache"))
        all += text;
    BOOST_TEST(has(all, "flow_count"));
    BOOST_TEST(!has(all, "pl4nted"));
}

BOOST_AUTO_TEST_CASE(without_the_flag_records_make_no_rule_and_are_mentioned_once) {
    const workplace at;
    const run_result ran = at.run({"replay", "-"}, request("http://a/x") + request("http://a/y"));
    BOOST_TEST(ran.exit_code == 0);
    BOOST_TEST(at.files().empty());
    BOOST_TEST(has(ran.err, "\"l7_without_flag\": 2"));
    const std::size_t first = ran.err.find("--l7 makes HTTP and DNS rules");
    BOOST_TEST(first != std::string::npos);
    BOOST_TEST(ran.err.find("--l7 makes HTTP and DNS rules", first + 1) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_flag_without_any_record_warns_with_the_workloads) {
    const workplace at;
    const run_result ran = at.run({"replay", "-", "--l7"}, test::flow_line("web", 80));
    BOOST_TEST(has(ran.err, "--l7 set but no L7 records observed"));
    BOOST_TEST(has(ran.err, "shop/cart"));
    BOOST_TEST(has(ran.err, "L7 prerequisites"));
    BOOST_TEST(!has(at.run({"replay", "-", "--l7"}, request("http://a/x")).err, "no L7 records observed"));
}

BOOST_AUTO_TEST_CASE(requests_that_no_rule_can_match_are_counted) {
    const workplace at;
    const run_result ran =
        at.run({"replay", "-", "--l7"}, request("*") + request("http://a/b c") + request("http://a/x", "G T"));
    BOOST_TEST(at.files().empty());
    BOOST_TEST(has(ran.err, "\"invalid_name\": 3"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
