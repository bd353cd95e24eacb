// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Files that can't be written or may not be touched: exit status 3, and what was there stays.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "e2e/workplace.hpp"
#include "support/policy_invariants.hpp"

namespace cpg {

namespace fs = std::filesystem;
using test::flow_line;
using test::has;
using test::run_result;
using test::workplace;
using test::write_text;

namespace {

const std::vector<std::string> flushing_often = {"replay", "-", "--flush-interval", "50ms"};

test::run_settings piped(const workplace& at) {
    test::run_settings out = at.settings();
    out.pipe_input = true;
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(failures_suite)

BOOST_AUTO_TEST_CASE(a_foreign_file_in_the_way_is_left_alone_and_named) {
    for (const std::string text : {"", "not yaml: [\n", "apiVersion: v1\nkind: Service\n", "just text\n"}) {
        const workplace at;
        write_text(at / "policies/shop/cart.yaml", text);
        const run_result ran = at.run({"replay", "-"}, flow_line("a", 80) + flow_line("a", 80, "other"));
        BOOST_TEST(ran.exit_code == 3);
        BOOST_TEST(has(ran.err, "policies/shop/cart.yaml"));
        BOOST_TEST(has(ran.err, "ERROR"));
        BOOST_TEST(at.files()["shop/cart.yaml"] == text);
        BOOST_TEST(at.files().contains("shop/other.yaml"));
        BOOST_TEST(has(ran.err, "\"policies_failed\": 1"));
    }
}

// Each of these is endless, or too much, for a reader that goes by the text alone.
BOOST_AUTO_TEST_CASE(a_policy_file_that_has_no_end_is_left_alone_and_named_soon) {
    for (const std::string text : {",", "- a\n,\n- b\n", "a: &a [*a ]\n"}) {
        const workplace at;
        write_text(at / "policies/shop/cart.yaml", text);
        test::run_settings settings = at.settings(flow_line("a", 80));
        settings.patience = std::chrono::seconds(10);
        const run_result ran = test::run_cpg({"replay", "-"}, settings);
        BOOST_TEST(!ran.timed_out);
        BOOST_TEST(ran.exit_code == 3);
        BOOST_TEST(has(ran.err, "policies/shop/cart.yaml"));
        BOOST_TEST(has(ran.err, "line "), ran.err);
        BOOST_TEST(at.files()["shop/cart.yaml"] == text);
        settings.input.clear();
        const run_result explained = test::run_cpg({"explain", "policies/shop/cart.yaml"}, settings);
        BOOST_TEST(!explained.timed_out);
        BOOST_TEST(explained.exit_code == 3);
        BOOST_TEST(has(explained.err, "cart.yaml is no YAML: "), explained.err);
        BOOST_TEST(at.files()["shop/cart.yaml"] == text);
    }
}

BOOST_AUTO_TEST_CASE(a_dry_run_reports_a_foreign_file_too) {
    const workplace at;
    write_text(at / "policies/shop/cart.yaml", "not yaml: [\n");
    BOOST_TEST(at.run({"replay", "--dry-run", "-"}, flow_line("a", 80)).exit_code == 3);
}

BOOST_AUTO_TEST_CASE(a_full_disk_exits_3_and_leaves_the_old_file_whole) {
    const workplace at;
    BOOST_TEST(at.run({"replay", "-"}, flow_line("a", 80)).exit_code == 0);
    const auto before = at.files();
    std::string input;
    for (unsigned port = 1; port <= 60; ++port)
        input += flow_line("b", port);
    test::run_settings settings = at.settings(input);
    settings.most_file_bytes = 1000;
    const run_result ran = test::run_cpg({"replay", "-"}, settings);
    BOOST_TEST(ran.exit_code == 3, ran.err);
    BOOST_TEST((at.files() == before));
}

BOOST_AUTO_TEST_CASE(a_folder_that_can_not_be_written_exits_3) {
    const workplace at;
    write_text(at / "policies", "a file where the folder should be");
    const run_result ran = at.run({"replay", "-"}, flow_line("a", 80));
    BOOST_TEST(ran.exit_code == 3);
    BOOST_TEST(has(ran.err, "policies"));
}

BOOST_AUTO_TEST_CASE(a_folder_or_a_fifo_of_the_policys_name_exits_3_without_waiting) {
    const workplace at;
    fs::create_directories(at / "policies/shop/cart.yaml");
    BOOST_TEST(at.run({"replay", "-"}, flow_line("a", 80)).exit_code == 3);
    BOOST_TEST_REQUIRE(::mkfifo((at / "policies/shop/pipe.yaml").c_str(), 0600) == 0);
    BOOST_TEST(at.run({"replay", "-"}, flow_line("a", 80, "pipe")).exit_code == 3);
}

BOOST_AUTO_TEST_CASE(a_link_out_of_the_output_folder_is_refused) {
    const workplace at;
    fs::create_directories(at / "elsewhere");
    fs::create_directories(at / "policies");
    fs::create_symlink(at / "elsewhere", at / "policies/shop");
    BOOST_TEST(at.run({"replay", "-"}, flow_line("a", 80)).exit_code == 3);
    BOOST_TEST(fs::is_empty(at / "elsewhere"));
    const workplace file;
    write_text(file / "victim.yaml", "");
    fs::create_directories(file / "policies/shop");
    fs::create_symlink(file / "victim.yaml", file / "policies/shop/cart.yaml");
    BOOST_TEST(file.run({"replay", "-"}, flow_line("a", 80)).exit_code == 3);
    BOOST_TEST(test::read_text(file / "victim.yaml") == "");
}

BOOST_AUTO_TEST_CASE(a_link_that_leads_nowhere_is_not_followed_out) {
    const workplace at;
    fs::create_directories(at / "policies/shop");
    fs::create_symlink(at / "new-victim.yaml", at / "policies/shop/cart.yaml");
    const run_result ran = at.run({"replay", "-"}, flow_line("a", 80));
    BOOST_TEST(ran.exit_code == 3, ran.err);
    BOOST_TEST(!fs::exists(at / "new-victim.yaml"));
}

BOOST_AUTO_TEST_CASE(a_cache_that_can_not_be_reached_costs_the_evidence_alone) {
    const workplace at;
    fs::create_symlink("loop", at / "loop");
    test::run_settings settings = at.settings(flow_line("a", 80));
    settings.environment["XDG_CACHE_HOME"] = (at / "loop").string();
    const run_result ran = test::run_cpg({"replay", "-"}, settings);
    BOOST_TEST(ran.exit_code == 0, ran.err);
    BOOST_TEST(has(ran.err, "no evidence is kept"), ran.err);
    BOOST_TEST(at.files().size() == 1u);
}

BOOST_AUTO_TEST_CASE(evidence_that_can_not_be_written_exits_3_with_the_policy_written) {
    const workplace at;
    const std::vector<std::string> words = {"replay", "-", "--evidence-dir", "evidence"};
    BOOST_TEST(at.run(words, flow_line("a", 80)).exit_code == 0);
    for (const auto& entry : fs::recursive_directory_iterator(at / "evidence"))
        if (entry.path().filename() == "cart.json") {
            fs::remove(entry.path());
            fs::create_directory(entry.path());
            break;
        }
    const run_result ran = at.run(words, flow_line("b", 81));
    BOOST_TEST(ran.exit_code == 3);
    BOOST_TEST(has(ran.err, "evidence not written"), ran.err);
    BOOST_TEST(has(at.files()["shop/cart.yaml"], "81"));
}

BOOST_AUTO_TEST_CASE(a_file_that_may_not_grow_is_an_error_and_no_signal) {
    const workplace at;
    test::run_settings settings = at.settings(flow_line("a", 80));
    settings.most_file_bytes = 10;
    settings.streams = {{2, -1}};
    const run_result ran = test::run_cpg({"replay", "-", "--no-evidence"}, settings);
    BOOST_TEST(ran.signal == 0);
    BOOST_TEST(ran.exit_code == 3);
    BOOST_TEST(at.files().empty());
}

// The disk has room again, or the link is mended: the flows came before that.
BOOST_AUTO_TEST_CASE(a_policy_that_could_not_be_written_for_a_while_is_written_without_another_flow) {
    const workplace at;
    fs::create_directory(at / "policies");
    fs::create_symlink("shop", at / "policies/shop");
    test::running_cpg cpg(flushing_often, piped(at));
    cpg.write_input(flow_line("a", 80));
    BOOST_TEST(cpg.wait_for("policy not written"));
    fs::remove(at / "policies/shop");
    BOOST_TEST(cpg.wait_for("policy written"));
    cpg.close_input();
    const run_result ran = cpg.wait();
    BOOST_TEST(ran.exit_code == 0, ran.err);
    BOOST_TEST(has(ran.err, "\"policies_written\": 1"), ran.err);
    BOOST_TEST(at.files("../cache").size() > 0u);
}

BOOST_AUTO_TEST_CASE(an_output_folder_that_is_removed_while_cpg_runs_exits_3) {
    for (const bool later : {false, true}) {
        const workplace at;
        test::running_cpg cpg(flushing_often, piped(at));
        cpg.write_input(flow_line("a", 80));
        BOOST_TEST(cpg.wait_for("policy written"));
        fs::remove_all(at / "policies");
        if (later) cpg.write_input(flow_line("a", 81));
        cpg.close_input();
        const run_result ran = cpg.wait();
        BOOST_TEST(ran.exit_code == 3);
        BOOST_TEST(has(ran.err, "the output directory was removed"), ran.err);
        BOOST_TEST(has(ran.err, "\"policies_written\": 0"), ran.err);
        BOOST_TEST(has(ran.err, "\"policies_failed\": 1"), ran.err);
    }
}

BOOST_AUTO_TEST_CASE(a_link_in_the_place_of_cluster_health_costs_that_file_alone) {
    const workplace at;
    const std::vector<std::string> words = {"replay", "-", "--evidence-dir", "evidence"};
    const std::string input = test::data_text("sample-flows.jsonl");
    BOOST_TEST(at.run(words, input).exit_code == 0);
    for (const std::string to : {"/nonexistent/victim", "cluster-health.json"}) {
        for (const auto& entry : fs::directory_iterator(at / "evidence")) {
            fs::remove(entry.path() / "cluster-health.json");
            fs::create_symlink(to, entry.path() / "cluster-health.json");
        }
        const run_result ran = at.run(words, input);
        BOOST_TEST(ran.exit_code == 0, ran.err);
        BOOST_TEST(has(ran.err, "cluster health not written"), ran.err);
        BOOST_TEST(has(ran.err, "session summary"));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
