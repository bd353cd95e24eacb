// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/health.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

namespace cpg {

namespace {

const std::string line = [] {
    std::string out;
    for (int i = 0; i < 66; ++i)
        out += "━";
    return out + "\n";
}();

health_drop drop(std::string reason, bool infra, std::uint64_t count) {
    return {.reason = std::move(reason),
            .infra = infra,
            .hint = {},
            .count = count,
            .by_node = {{"n", count}},
            .by_workload = {{"a/b", count}}};
}

health_report report(std::vector<health_drop> drops) {
    return {.classifier_version = "1.0.0-cilium1.19.4",
            .started_ns = 0,
            .ended_ns = 1'500'000'000,
            .flows_seen = 9,
            .drops = std::move(drops)};
}

std::string nodes_line(const std::map<std::string, std::uint64_t>& nodes) {
    health_drop health_drop = drop("X", true, 1);
    health_drop.by_node = nodes;
    const std::string block = health_block(report({health_drop}), "f");
    const std::size_t at = block.find("    Top nodes:     ") + 19;
    return block.substr(at, block.find('\n', at) - at);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(health_suite)

BOOST_AUTO_TEST_CASE(the_block_is_exactly_the_documented_one) {
    const health_drop health_drop{.reason = "CT_MAP_INSERTION_FAILED",
                                  .infra = true,
                                  .hint =
                                      "https://docs.cilium.io/en/stable/operations/troubleshooting/"
                                      "#handling-drop-ct-map-insertion-failed",
                                  .count = 120,
                                  .by_node = {{"node-a", 90}, {"node-b", 30}},
                                  .by_workload = {{"production/api", 70}, {"production/web", 50}}};
    BOOST_TEST(health_block(report({health_drop}), "/x/cluster-health.json") ==
               line + "! Cluster-critical drops detected (NOT a policy issue)\n" + line +
                   "  CT_MAP_INSERTION_FAILED                [infra]  120 flows\n"
                   "    Top nodes:     node-a (90), node-b (30)\n"
                   "    Top workloads: production/api (70), production/web (50)\n"
                   "    Hint: https://docs.cilium.io/en/stable/operations/troubleshooting/"
                   "#handling-drop-ct-map-insertion-failed\n"
                   "\ncluster-health.json: /x/cluster-health.json\n" +
                   line);
}

BOOST_AUTO_TEST_CASE(infra_stands_before_transient_and_most_flows_first) {
    const std::string block = health_block(
        report({drop("T", false, 99), drop("I1", true, 1), drop("I5", true, 5), drop("I5B", true, 5)}), "f");
    BOOST_TEST(block.find("  I5 ") < block.find("  I5B "));
    BOOST_TEST(block.find("  I5B ") < block.find("  I1 "));
    BOOST_TEST(block.find("  I1 ") < block.find("  T "));
}

BOOST_AUTO_TEST_CASE(three_are_named_and_the_rest_counted_also_those_that_share_the_third_place) {
    BOOST_TEST(nodes_line({{"a", 1}, {"b", 4}, {"c", 3}, {"d", 2}}) == "b (4), c (3), d (2) (+1 more)");
    BOOST_TEST(nodes_line({{"a", 2}, {"b", 4}, {"c", 3}, {"d", 2}, {"e", 1}}) == "b (4), c (3), a (2) (+2 more)");
    BOOST_TEST(nodes_line({{"a", 1}, {"b", 1}}) == "a (1), b (1)");
}

BOOST_AUTO_TEST_CASE(the_block_says_critical_only_of_infra_drops) {
    BOOST_TEST(health_block(report({drop("T", false, 9)}), "f").find("! Transient drops detected") !=
               std::string::npos);
    BOOST_TEST(health_block(report({drop("T", false, 9), drop("I", true, 1)}), "f").find("! Cluster-critical") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_from_flows_can_not_move_the_cursor) {
    BOOST_TEST(nodes_line({{"a\x1b[2J\n", 1}}) == "a\\u001b[2J\\u000a (1)");
}

BOOST_AUTO_TEST_CASE(the_file_has_the_documented_members_with_drops_sorted_by_reason) {
    health_report written = report({drop("B", true, 2), drop("A", false, 1)});
    written.drops[0].hint = "https://x";
    const auto json = boost::json::parse(health_json(written)).as_object();
    BOOST_TEST(json.at("schema_version").as_int64() == 1);
    BOOST_TEST((json.at("classifier_version").as_string() == "1.0.0-cilium1.19.4"));
    const auto& session = json.at("session").as_object();
    BOOST_TEST((session.at("started").as_string() == "1970-01-01T00:00:00Z"));
    BOOST_TEST((session.at("ended").as_string() == "1970-01-01T00:00:01.500Z"));
    BOOST_TEST(session.at("flows_seen").as_int64() == 9);
    BOOST_TEST(session.at("infra_drops_total").as_int64() == 2);
    const auto& drops = json.at("drops").as_array();
    BOOST_TEST_REQUIRE(drops.size() == 2u);
    BOOST_TEST((drops[0].at("reason").as_string() == "A"));
    BOOST_TEST((drops[0].at("class").as_string() == "transient"));
    BOOST_TEST(!drops[0].as_object().contains("remediation"));
    BOOST_TEST((drops[1].at("remediation").as_string() == "https://x"));
    BOOST_TEST(drops[1].at("by_node").at("n").as_int64() == 2);
    BOOST_TEST(drops[1].at("by_workload").at("a/b").as_int64() == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
