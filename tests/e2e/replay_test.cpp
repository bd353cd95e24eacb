// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// What a user of `cpg replay` sees: files, streams, exit status.

#include <boost/test/unit_test.hpp>
#include <regex>

#include "e2e/workplace.hpp"
#include "support/policy_invariants.hpp"

namespace cpg {

using test::flow_line;
using test::has;
using test::run_result;
using test::workplace;

BOOST_AUTO_TEST_SUITE(replay_suite)

BOOST_AUTO_TEST_CASE(a_capture_becomes_policies_that_obey_the_invariants_and_a_second_run_changes_nothing) {
    const workplace at;
    const std::string capture = test::data_path("sample-flows.jsonl").string();
    const run_result first = at.run({"replay", capture});
    BOOST_TEST(first.exit_code == 0);
    const auto files = at.files();
    BOOST_TEST(files.size() == 4u);
    BOOST_TEST(test::joined(test::tree_faults(at / "policies")) == "");
    BOOST_TEST(has(first.err, "\"msg\": \"session summary\""));
    BOOST_TEST(has(first.err, "\"policies_written\": 4"));
    const run_result second = at.run({"replay", capture});
    BOOST_TEST(second.exit_code == 0);
    BOOST_TEST((at.files() == files));
    BOOST_TEST(has(second.err, "\"policies_written\": 0, \"policies_skipped\": 4"));
}

BOOST_AUTO_TEST_CASE(logs_go_to_stderr_and_the_health_block_to_stdout) {
    const workplace at;
    const run_result ran = at.run({"replay", test::data_path("sample-flows.jsonl").string()});
    BOOST_TEST(ran.out.starts_with("━━━"));
    BOOST_TEST(has(ran.out, "CT_MAP_INSERTION_FAILED                [infra]  1 flow\n"));
    BOOST_TEST(!has(ran.out, "INFO"));
    BOOST_TEST(!has(ran.err, "━"));
    const workplace quiet;
    BOOST_TEST(quiet.run({"replay", "-"}, flow_line("a", 80)).out == "");
}

BOOST_AUTO_TEST_CASE(infra_drops_fail_the_run_only_when_asked) {
    const workplace at;
    const std::string capture = test::data_path("sample-flows.jsonl").string();
    BOOST_TEST(at.run({"replay", "--fail-on-infra-drops", capture}).exit_code == 1);
    BOOST_TEST(at.run({"replay", "--fail-on-infra-drops", "-"}, flow_line("a", 80)).exit_code == 0);
    std::string transient = flow_line("a", 80);
    transient.replace(transient.find("POLICY_DENIED"), 13, "STALE_OR_UNROUTABLE_IP");
    BOOST_TEST(at.run({"replay", "--fail-on-infra-drops", "-"}, transient).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(only_the_namespaces_asked_for_are_written) {
    const workplace at;
    const std::string input = flow_line("a", 80) + flow_line("a", 80, "api", "prod") + flow_line("a", 80, "db", "data");
    BOOST_TEST(at.run({"replay", "-nprod", "--namespace=data", "-"}, input).exit_code == 0);
    const auto files = at.files();
    BOOST_TEST(files.size() == 2u);
    BOOST_TEST(files.contains("prod/api.yaml"));
    BOOST_TEST(files.contains("data/db.yaml"));
}

BOOST_AUTO_TEST_CASE(ignored_protocols_and_reasons_are_counted_in_the_summary) {
    const workplace at;
    const run_result ran = at.run({"--ignore-protocol", "TCP", "replay", "-"}, flow_line("a", 80));
    BOOST_TEST(ran.exit_code == 0);
    BOOST_TEST(at.files().empty());
    BOOST_TEST(has(ran.err, "\"ignored_by_protocol\": {\"TCP\": 1}"));
    const run_result reason = at.run({"replay", "-", "--ignore-drop-reason", "policy_denied"}, flow_line("a", 80));
    BOOST_TEST(has(reason.err, "\"ignored_by_drop_reason\": {\"POLICY_DENIED\": 1}"));
}

BOOST_AUTO_TEST_CASE(a_dry_run_shows_the_change_and_writes_nothing) {
    const workplace at;
    const run_result ran = at.run({"replay", "--dry-run", "-"}, flow_line("a", 80));
    BOOST_TEST(ran.exit_code == 0);
    BOOST_TEST(
        ran.out.starts_with("# newly allows: shop/a to shop/cart TCP/80\n"
                            "--- /dev/null\n+++ b/policies/shop/cart.yaml\n@@ -0,0 +1,20 @@\n+apiVersion"));
    BOOST_TEST(!std::filesystem::exists(at / "policies"));
    BOOST_TEST(has(ran.err, "\"policies_would_write\": 1"));
    const run_result quiet = at.run({"replay", "--dry-run", "--no-diff", "-"}, flow_line("a", 80));
    BOOST_TEST(quiet.out == "");
}

BOOST_AUTO_TEST_CASE(json_logs_are_one_object_a_line) {
    const workplace at;
    const run_result ran = at.run({"replay", "--json", "--debug", test::data_path("sample-flows.jsonl").string()});
    const std::regex object(R"x(\{"ts":"[^"]+Z","level":"(debug|info|warn|error)","msg":".*\})x");
    const auto lines = test::lines_of(ran.err);
    BOOST_TEST(lines.size() > 10u);
    for (const std::string& line : lines)
        BOOST_TEST(std::regex_match(line, object), line);
}

BOOST_AUTO_TEST_CASE(no_colour_and_no_progress_where_there_is_no_terminal) {
    const workplace at;
    const run_result ran = at.run({"replay", test::data_path("sample-flows.jsonl").string()});
    BOOST_TEST(!has(ran.err, "\x1b"));
    BOOST_TEST(!has(ran.err, "\r"));
    BOOST_TEST(!has(ran.out, "\x1b"));
}

BOOST_AUTO_TEST_CASE(each_unhandled_flow_is_said_once_at_debug_level) {
    const workplace at;
    std::string reply = flow_line("a", 80);
    reply.replace(reply.find("\"SYN\":true"), 10, "\"SYN\":true,\"ACK\":true");
    const run_result ran = at.run({"replay", "--debug", "-"}, reply + reply);
    const std::string said =
        R"(DEBUG  Unhandled flow  {"src": "shop/a", "dst": "shop/cart", "port": "80", "proto": "TCP", )"
        R"("reason": "reply", "dst_labels": ["k8s:app=cart"]})";
    const std::size_t first = ran.err.find(said);
    BOOST_TEST_REQUIRE(first != std::string::npos, ran.err);
    BOOST_TEST(ran.err.find("Unhandled flow ", first + said.size()) == std::string::npos);
    BOOST_TEST(has(ran.err, "INFO  Unhandled flows summary  {\"reply\": 2}"));
}

BOOST_AUTO_TEST_CASE(usage_errors_are_one_line_and_touch_nothing) {
    const workplace at;
    const std::vector<std::vector<std::string>> wrong = {
        {"replay"},
        {"reply", "-"},
        {"replay", "--no-such-flag", "-"},
        {"replay", "-", "--flush-interval", "0"},
        {"replay", "-", "--flush-interval", "soon"},
        {"replay", "-", "-n", "a", "-A"},
        {"replay", "-", "-n", "../x"},
        {"replay", "-", "--ignore-protocol", "gre"},
        {"replay", "-", "--ignore-drop-reason", "POLICY_DENYED"},
        {"replay", "-", "--log-level", "loud"},
        {"replay", "-", "--server", "x:1"},
        {"replay", "-", "--output-dir="},
    };
    for (const auto& words : wrong) {
        const run_result ran = at.run(words, flow_line("a", 80));
        BOOST_TEST(ran.exit_code == 2, (words.empty() ? "" : words.back()));
        BOOST_TEST(test::lines_of(ran.err).size() == 1u, ran.err);
        BOOST_TEST(ran.out == "");
    }
    BOOST_TEST(at.files(".").empty());
}

BOOST_AUTO_TEST_CASE(a_near_miss_is_met_with_a_suggestion) {
    const workplace at;
    BOOST_TEST(has(at.run({"reply", "-"}).err, "replay"));
    BOOST_TEST(has(at.run({"replay", "--dryrun", "-"}).err, "--dry-run"));
    BOOST_TEST(has(at.run({"replay", "-", "--ignore-drop-reason", "POLICY_DENYED"}).err, "POLICY_DENIED"));
}

BOOST_AUTO_TEST_CASE(help_and_version_work_on_every_level) {
    const workplace at;
    for (const std::vector<std::string>& words : {std::vector<std::string>{"--help"},
                                                  {"replay", "--help"},
                                                  {"--help", "generate"},
                                                  {"explain", "-h"},
                                                  {"--version"}}) {
        const run_result ran = at.run(words);
        BOOST_TEST(ran.exit_code == 0);
        BOOST_TEST(!ran.out.empty());
        BOOST_TEST(ran.err == "");
    }
}

BOOST_AUTO_TEST_CASE(as_a_kubectl_plugin_it_names_itself_so) {
    const workplace at;
    const std::filesystem::path link = at / "kubectl-cilium_policy_gen";
    std::filesystem::create_symlink(test::cpg_binary(), link);
    test::run_settings settings = at.settings();
    settings.program = link.string();
    const run_result help = test::run_cpg({"replay", "--help"}, settings);
    BOOST_TEST(has(help.out, "kubectl cilium-policy-gen replay"));
    BOOST_TEST(!has(help.out, " cpg "));
    BOOST_TEST(has(test::run_cpg({"nonsense"}, settings).err, "kubectl cilium-policy-gen"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
