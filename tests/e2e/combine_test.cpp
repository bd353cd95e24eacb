// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// `replay --partial` and `combine` as people start them.

#include <sys/stat.h>

#include <csignal>

#include <boost/test/unit_test.hpp>

#include "e2e/workplace.hpp"
#include "support/compress.hpp"

namespace cpg {

namespace fs = std::filesystem;
using test::flow_line;
using test::has;
using test::run_result;
using test::workplace;
using test::write_text;

namespace {

using words = std::vector<std::string>;

void make_part(const workplace& at, const std::string& out, const std::string& capture, words flags = {}) {
    flags.insert(flags.begin(), {"replay", "--partial", out, "-"});
    const run_result ran = at.run(flags, capture);
    BOOST_TEST_REQUIRE(ran.exit_code == 0, ran.err);
}

std::string part_text(const std::string& capture) {
    const workplace at;
    make_part(at, "a.part", capture);
    return test::read_text(at / "a.part");
}

std::string refusal(const workplace& at, const words& arguments) {
    const run_result ran = at.run(arguments);
    BOOST_TEST(ran.exit_code == 3);
    BOOST_TEST(at.files().empty());
    return ran.err;
}

std::size_t files_in(const workplace& at) {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& each : fs::directory_iterator(at.path()))
        ++count;
    return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(combine_suite)

BOOST_AUTO_TEST_CASE(parts_of_any_compression_give_what_a_replay_gives) {
    const workplace at;
    const workplace whole;
    make_part(at, "a.part", flow_line("a", 80));
    make_part(at, "b.part.gz", flow_line("b", 81));
    make_part(at, "c.part.zst", flow_line("a", 80) + flow_line("c", 82, "other"));
    BOOST_TEST(test::read_text(at / "b.part.gz").starts_with("\x1f\x8b"));
    BOOST_TEST(test::read_text(at / "c.part.zst").starts_with("\x28\xb5\x2f\xfd"));
    const run_result ran = at.run({"combine", "a.part", "b.part.gz", "c.part.zst"});
    BOOST_TEST(ran.exit_code == 0, ran.err);
    whole.run({"replay", "-"},
              flow_line("a", 80) + flow_line("b", 81) + flow_line("a", 80) + flow_line("c", 82, "other"));
    BOOST_TEST(at.files().size() == 2u);
    BOOST_TEST((at.files() == whole.files()));
}

BOOST_AUTO_TEST_CASE(standard_streams_carry_parts) {
    const workplace at;
    const run_result made = at.run({"replay", "--partial", "-", "-"}, flow_line("a", 80));
    BOOST_TEST(made.exit_code == 0);
    make_part(at, "b.part", flow_line("b", 81));
    const run_result summed = at.run({"combine", "--partial", "-", "b.part", "-"}, made.out);
    BOOST_TEST(summed.exit_code == 0, summed.err);
    const run_result packed = at.run({"combine", "-"}, test::gzipped(summed.out));
    BOOST_TEST(packed.exit_code == 0, packed.err);
    const std::string policy = at.files()["shop/cart.yaml"];
    BOOST_TEST(has(policy, "port: \"80\""));
    BOOST_TEST(has(policy, "port: \"81\""));
}

BOOST_AUTO_TEST_CASE(a_part_without_flows_adds_nothing) {
    const workplace at;
    make_part(at, "none.part", "");
    BOOST_TEST(has(refusal(at, {"combine", "none.part"}), "no part has a flow"));
    make_part(at, "a.part", flow_line("a", 80));
    BOOST_TEST(at.run({"combine", "none.part", "a.part"}).exit_code == 0);
    BOOST_TEST(at.files().size() == 1u);
}

BOOST_AUTO_TEST_CASE(parts_of_other_options_are_refused_by_the_option_and_both_values) {
    const workplace at;
    make_part(at, "a.part", flow_line("a", 80), {"-n", "shop"});
    make_part(at, "b.part", flow_line("b", 81), {"-n", "shop,data"});
    make_part(at, "c.part", flow_line("b", 81), {"-n", "shop", "--evidence-samples", "5"});
    make_part(at, "d.part", flow_line("b", 81), {"-n", "shop", "--since", "2026-01-01T00:00:00Z"});
    const std::string names = refusal(at, {"combine", "a.part", "b.part"});
    // In a line of JSON or not.
    std::string plain = names;
    std::erase(plain, '\\');
    BOOST_TEST(has(plain, R"(--namespace is ["shop"] in a.part and ["data","shop"] in b.part)"), names);
    BOOST_TEST(has(refusal(at, {"combine", "a.part", "c.part"}), "--evidence-samples is 10 in a.part and 5 in c.part"));
    BOOST_TEST(has(refusal(at, {"combine", "a.part", "d.part"}), "--since is not given in a.part"));
    BOOST_TEST(has(refusal(at, {"combine", "--partial", "sum", "a.part", "b.part"}), "--namespace"));
    BOOST_TEST(!fs::exists(at / "sum"));
}

BOOST_AUTO_TEST_CASE(a_part_given_twice_is_refused) {
    const workplace at;
    make_part(at, "a.part", flow_line("a", 80));
    fs::create_symlink("a.part", at / "link");
    for (const std::string again : {"a.part", "./a.part", "link"})
        BOOST_TEST(has(refusal(at, {"combine", "a.part", again}), "is given twice"));
}

BOOST_AUTO_TEST_CASE(what_is_no_part_is_refused_by_name) {
    const workplace at;
    write_text(at / "capture.jsonl", flow_line("a", 80));
    write_text(at / "empty", "");
    write_text(at / "text", "hello\n");
    for (const std::string name : {"capture.jsonl", "empty", "text", "none"}) {
        const std::string said = refusal(at, {"combine", name});
        BOOST_TEST(has(said, name), said);
        BOOST_TEST((name == "none" || has(said, "cpg replay --partial")), said);
    }
}

BOOST_AUTO_TEST_CASE(a_part_that_was_cut_off_is_refused_wherever_that_was) {
    const std::string text = part_text(flow_line("a", 80) + flow_line("b", 81, "other"));
    const std::string packed = test::gzipped(text);
    const workplace at;
    for (std::size_t i = 1; i < 10; ++i) {
        write_text(at / "cut", text.substr(0, text.size() * i / 10));
        BOOST_TEST(has(refusal(at, {"combine", "cut"}), "cannot read part cut"));
        write_text(at / "cut", packed.substr(0, packed.size() * i / 10));
        BOOST_TEST(has(refusal(at, {"combine", "cut"}), "cannot read part cut"));
    }
    for (const std::size_t missing : {1u, 2u, 20u}) {
        write_text(at / "cut", text.substr(0, text.size() - missing));
        BOOST_TEST(has(refusal(at, {"combine", "cut"}), "cannot read part cut"));
    }
    write_text(at / "long", text + "{}\n");
    BOOST_TEST(has(refusal(at, {"combine", "long"}), "something stands behind the end"));
}

BOOST_AUTO_TEST_CASE(lines_that_are_missing_or_out_of_order_are_noticed) {
    const std::string text = part_text(flow_line("a", 80) + flow_line("b", 81, "other"));
    const std::size_t first = text.find('\n') + 1;
    const std::size_t second = text.find('\n', first) + 1;
    const std::size_t end = text.find('\n', second) + 1;
    const std::string header = text.substr(0, first);
    const std::string cart = text.substr(first, second - first);
    const std::string other = text.substr(second, end - second);
    const workplace at;
    write_text(at / "p", header + other + text.substr(end));
    BOOST_TEST(has(refusal(at, {"combine", "p"}), "there are workloads missing"));
    write_text(at / "p", header + other + cart + text.substr(end));
    BOOST_TEST(has(refusal(at, {"combine", "p"}), "line 3: the workloads are not sorted"));
    write_text(at / "p", header + cart + cart + text.substr(end));
    BOOST_TEST(has(refusal(at, {"combine", "p"}), "not sorted"));
}

BOOST_AUTO_TEST_CASE(a_namespace_that_leads_out_of_the_folder_is_refused) {
    std::string text = part_text(flow_line("a", 80));
    const std::size_t at_name = text.find(R"("namespace":"shop")");
    text.replace(at_name, 18, R"("namespace":"../x")");
    const workplace at;
    write_text(at / "p", text);
    BOOST_TEST(has(refusal(at, {"combine", "p"}), "is no name of a namespace"));
    BOOST_TEST(at.outside().empty());
}

BOOST_AUTO_TEST_CASE(another_schema_is_refused) {
    std::string text = part_text(flow_line("a", 80));
    text.replace(text.find(R"("cpg_part":1)"), 12, R"("cpg_part":2)");
    const workplace at;
    write_text(at / "p", text);
    BOOST_TEST(has(refusal(at, {"combine", "p"}), "it has schema 2, and this cpg reads 1"));
}

BOOST_AUTO_TEST_CASE(a_failed_write_leaves_no_half_part_and_the_old_one_whole) {
    std::string capture;
    for (unsigned port = 1; port < 3000; ++port)
        capture += flow_line("peer-" + std::to_string(port), port);
    const workplace at;
    write_text(at / "capture.jsonl", capture);
    write_text(at / "old.part", "what was there");
    for (const std::string out : {"new.part", "old.part", "new.part.zst"}) {
        test::run_settings settings = at.settings();
        settings.most_file_bytes = 4096;
        const run_result ran = test::run_cpg({"replay", "--partial", out, "capture.jsonl"}, settings);
        BOOST_TEST(ran.exit_code == 3, ran.err);
        BOOST_TEST(has(ran.err, "can't write the part to " + out + ": File too large"), ran.err);
    }
    BOOST_TEST(test::read_text(at / "old.part") == "what was there");
    BOOST_TEST(files_in(at) == 2u);
}

BOOST_AUTO_TEST_CASE(an_input_that_is_not_whole_makes_no_part) {
    const workplace at;
    const std::string packed = test::gzipped(flow_line("a", 80) + flow_line("b", 81));
    write_text(at / "cut.jsonl.gz", packed.substr(0, packed.size() - 9));
    const run_result ran = at.run({"replay", "--partial", "out.part", "cut.jsonl.gz"});
    BOOST_TEST(ran.exit_code == 3);
    BOOST_TEST(has(ran.err, "no part was written"), ran.err);
    BOOST_TEST(files_in(at) == 1u);
}

BOOST_AUTO_TEST_CASE(a_signal_leaves_no_part) {
    const workplace at;
    test::run_settings settings = at.settings();
    settings.pipe_input = true;
    test::running_cpg running({"replay", "--partial", "out.part", "-", "--debug"}, settings);
    running.write_input(flow_line("a", 80) + "no flow\n");
    BOOST_TEST(running.wait_for("malformed line skipped"));
    running.send(SIGTERM);
    const run_result ran = running.wait();
    BOOST_TEST(ran.exit_code == 3);
    BOOST_TEST(has(ran.err, "stopped by a signal"), ran.err);
    BOOST_TEST(files_in(at) == 0u);
}

BOOST_AUTO_TEST_CASE(a_part_is_for_its_owner_alone) {
    const workplace at;
    make_part(at, "a.part", flow_line("a", 80));
    struct stat status {};
    BOOST_TEST_REQUIRE(::stat((at / "a.part").c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 0777) == 0600u);
}

BOOST_AUTO_TEST_CASE(flags_stand_where_they_have_an_effect) {
    const workplace at;
    make_part(at, "a.part", flow_line("a", 80));
    const std::vector<std::pair<words, std::string>> cases = {
        {{"replay", "--partial", "o", "-o", "x", "-"}, "--output-dir is about policies"},
        {{"replay", "--partial", "o", "--port-ranges", "-"}, "--port-ranges is about policies"},
        {{"replay", "--partial", "o", "--verify", "-"}, "--verify is about policies"},
        {{"replay", "--partial", "", "-"}, "--partial must not be empty"},
        {{"combine", "--partial", "o", "--dry-run", "a.part"}, "--dry-run is about policies"},
        {{"combine", "--partial", "o", "--evidence-samples", "3", "a.part"}, "a part has what it has"},
        {{"combine", "-n", "shop", "a.part"}, "--namespace is not a flag of combine"},
        {{"combine"}, "one argument or more"},
    };
    for (const auto& [typed, said] : cases) {
        const run_result ran = at.run(typed);
        BOOST_TEST(ran.exit_code == 2, ran.err);
        BOOST_TEST(has(ran.err, said), ran.err);
    }
    const run_result more = at.run({"combine", "--evidence-samples", "11", "a.part"});
    BOOST_TEST(more.exit_code == 3);
    BOOST_TEST(has(more.err, "more than the parts have"), more.err);
    BOOST_TEST(has(at.run({"combine", "--l7-min-flows", "2", "a.part"}).err, "made with --l7"));
}

BOOST_AUTO_TEST_CASE(a_dry_run_shows_and_writes_nothing) {
    const workplace at;
    make_part(at, "a.part", flow_line("a", 80));
    const run_result ran = at.run({"combine", "--dry-run", "a.part"});
    BOOST_TEST(ran.exit_code == 0);
    BOOST_TEST(has(ran.out, "+++ b/policies/shop/cart.yaml"), ran.out);
    BOOST_TEST(at.files().empty());
}

BOOST_AUTO_TEST_CASE(counts_of_64_bits_survive) {
    std::string text = part_text(flow_line("a", 80));
    const std::string flows = R"("counts":{"flows":1)";
    text.replace(text.find(flows), flows.size(), R"("counts":{"flows":9007199254740993)");
    const workplace at;
    write_text(at / "a", text);
    BOOST_TEST(at.run({"combine", "--partial", "b", "a"}).exit_code == 0);
    BOOST_TEST(has(test::read_text(at / "b"), R"("flows":9007199254740993)"));
    BOOST_TEST(has(at.run({"combine", "b"}).err, "\"flows_seen\": 9007199254740993"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
