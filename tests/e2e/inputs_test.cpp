// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Every form in which a capture may come gives the same policies; input that is damaged is said to be.

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <random>

#include "e2e/workplace.hpp"
#include "support/compress.hpp"
#include "support/policy_invariants.hpp"

namespace cpg {

namespace {

using test::flow_line;
using test::has;
using test::run_result;
using test::workplace;

using tree = std::map<std::string, std::string>;

std::string many_flows() {
    std::mt19937 random(5);
    std::string out;
    for (int i = 0; i < 4000; ++i)
        out += flow_line("peer" + std::to_string(random() % 20), 1 + random() % 100,
                         "app" + std::to_string(random() % 10));
    return out;
}

tree from_file(const std::string& name, const std::string& content) {
    const workplace at;
    test::write_text(at / name, content);
    const run_result ran = at.run({"replay", name});
    BOOST_TEST(ran.exit_code == 0, ran.err);
    return at.files();
}

tree from_stdin(const std::string& content) {
    const workplace at;
    const run_result ran = at.run({"replay", "-"}, content);
    BOOST_TEST(ran.exit_code == 0, ran.err);
    return at.files();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(inputs_suite)

BOOST_AUTO_TEST_CASE(plain_gzip_and_zstd_from_files_stdin_and_pipes_give_the_same_bytes) {
    const std::string text = many_flows();
    const tree expected = from_file("capture.jsonl", text);
    BOOST_TEST(expected.size() == 10u);
    BOOST_TEST((from_file("capture.jsonl.gz", test::gzipped(text)) == expected));
    BOOST_TEST((from_file("capture.jsonl.zst", test::zstd_compressed(text)) == expected));
    BOOST_TEST((from_file("no-ending", test::gzipped(text)) == expected));
    BOOST_TEST((from_stdin(text) == expected));
    BOOST_TEST((from_stdin(test::gzipped(text)) == expected));
    BOOST_TEST((from_stdin(test::zstd_compressed(text)) == expected));
    const std::size_t middle = text.find('\n', text.size() / 2) + 1;
    BOOST_TEST((from_stdin(test::gzipped(text.substr(0, middle)) + test::gzipped(text.substr(middle))) == expected));
    const workplace at;
    test::run_settings settings = at.settings();
    settings.pipe_input = true;
    test::running_cpg piped({"replay", "-"}, settings);
    piped.write_input(test::gzipped(text));
    piped.close_input();
    BOOST_TEST(piped.wait().exit_code == 0);
    BOOST_TEST((at.files() == expected));
}

BOOST_AUTO_TEST_CASE(what_the_xz_and_bzip2_programs_write_is_read) {
    const std::string text = many_flows();
    const tree expected = from_file("capture.jsonl", text);
    for (const std::string program : {"xz", "bzip2"}) {
        const workplace at;
        test::write_text(at / "capture.jsonl", text);
        BOOST_REQUIRE(std::system((program + " '" + (at / "capture.jsonl").string() + "'").c_str()) == 0);
        const run_result ran = at.run({"replay", program == "xz" ? "capture.jsonl.xz" : "capture.jsonl.bz2"});
        BOOST_TEST(ran.exit_code == 0, ran.err);
        BOOST_TEST((at.files() == expected));
    }
    BOOST_TEST((from_stdin(test::xz_compressed(text)) == expected));
    BOOST_TEST((from_stdin(test::bzip2_compressed(text)) == expected));
}

BOOST_AUTO_TEST_CASE(an_xz_or_bzip2_that_ends_too_early_or_is_corrupt_exits_3_and_says_where) {
    for (const std::string& whole : {test::xz_compressed(many_flows()), test::bzip2_compressed(many_flows())}) {
        const workplace at;
        const run_result cut = at.run({"replay", "-"}, whole.substr(0, whole.size() / 2));
        BOOST_TEST(cut.exit_code == 3);
        BOOST_TEST(has(cut.err, "data ends too early near byte " + std::to_string(whole.size() / 2)));
        std::string damaged = whole;
        damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 0x55);
        const run_result corrupt = at.run({"replay", "-"}, damaged);
        BOOST_TEST(corrupt.exit_code == 3);
        BOOST_TEST(has(corrupt.err, "data is corrupt near byte "));
    }
}

BOOST_AUTO_TEST_CASE(a_line_that_is_cut_in_a_pipe_is_put_together) {
    const workplace at;
    test::run_settings settings = at.settings();
    settings.pipe_input = true;
    test::running_cpg piped({"replay", "-"}, settings);
    const std::string line = flow_line("a", 80);
    for (const char c : line.substr(0, 60))
        piped.write_input(std::string(1, c));
    piped.write_input(line.substr(60, line.size() - 61));
    piped.close_input();
    BOOST_TEST(piped.wait().exit_code == 0);
    BOOST_TEST(at.files().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_gzip_that_ends_too_early_keeps_what_came_before_and_exits_3) {
    const workplace at;
    const std::string text = many_flows();
    const std::string whole = test::gzipped(text);
    test::write_text(at / "cut.gz", whole.substr(0, whole.size() / 2));
    const run_result ran = at.run({"replay", "cut.gz"});
    BOOST_TEST(ran.exit_code == 3);
    BOOST_TEST(has(ran.err, "cut.gz: the gzip data ends too early"));
    BOOST_TEST(!at.files().empty());
    BOOST_TEST(test::joined(test::tree_faults(at / "policies")) == "");
}

BOOST_AUTO_TEST_CASE(a_corrupt_gzip_or_zstd_keeps_what_came_before_and_exits_3) {
    for (std::string packed : {test::gzipped(many_flows()), test::zstd_compressed(many_flows())}) {
        const workplace at;
        for (std::size_t i = 0; i < 40; ++i)
            packed[packed.size() - 100 + i] = static_cast<char>(0xA5);
        const run_result ran = at.run({"replay", "-"}, test::gzipped(flow_line("a", 80)) + packed);
        BOOST_TEST(ran.exit_code == 3);
        BOOST_TEST(has(ran.err, "standard input: the "));
        BOOST_TEST(!at.files().empty());
    }
}

BOOST_AUTO_TEST_CASE(a_gzip_whose_checksum_is_wrong_exits_3) {
    const workplace at;
    std::string packed = test::gzipped(many_flows());
    packed[packed.size() - 6] = static_cast<char>(packed[packed.size() - 6] ^ 0x55);
    BOOST_TEST(at.run({"replay", "-"}, packed).exit_code == 3);
}

BOOST_AUTO_TEST_CASE(a_capture_in_which_no_line_is_a_flow_exits_3_and_says_why_and_how_to_capture) {
    const workplace at;
    for (const std::string& input : {std::string(), std::string("\n\n"), std::string("hello\nworld\n"),
                                     test::gzipped(""), std::string("{\"agent_event\":{}}\n")}) {
        const run_result ran = at.run({"replay", "-"}, input);
        BOOST_TEST(ran.exit_code == 3);
        BOOST_TEST(has(ran.err, "hubble observe"));
    }
    BOOST_TEST(has(at.run({"replay", "-"}, "hello\n").err, "not JSON"));
}

BOOST_AUTO_TEST_CASE(a_file_that_can_not_be_read_exits_3_and_is_named) {
    const workplace at;
    BOOST_TEST(at.run({"replay", "missing.jsonl"}).exit_code == 3);
    BOOST_TEST(has(at.run({"replay", "missing.jsonl"}).err, "missing.jsonl"));
    BOOST_TEST(at.run({"replay", "."}).exit_code == 3);
}

BOOST_AUTO_TEST_CASE(malformed_lines_are_counted_ten_are_shown_and_the_rest_is_read) {
    const workplace at;
    std::string input;
    for (int i = 0; i < 25; ++i)
        input += "garbage\n" + flow_line("peer" + std::to_string(i), 80);
    const run_result ran = at.run({"replay", "-"}, input);
    BOOST_TEST(ran.exit_code == 0);
    std::size_t shown = 0;
    for (const std::string& line : test::lines_of(ran.err))
        shown += has(line, "malformed line skipped") ? 1 : 0;
    BOOST_TEST(shown == 10u);
    BOOST_TEST(has(ran.err, "{\"line\": 1, "));
    BOOST_TEST(has(ran.err, "\"lines_read\": 50, \"lines_skipped\": 25"));
}

BOOST_AUTO_TEST_CASE(a_line_over_16_mib_is_skipped_and_reading_goes_on) {
    const workplace at;
    const std::string input = flow_line("a", 80) + std::string(40u << 20, 'x') + "\n" + flow_line("b", 80);
    const run_result ran = at.run({"replay", "-"}, input);
    BOOST_TEST(ran.exit_code == 0);
    BOOST_TEST(has(ran.err, "{\"line\": 2, \"problem\": \"longer than 16 MiB\"}"));
    BOOST_TEST(has(at.files()["shop/cart.yaml"], "app: b"));
}

BOOST_AUTO_TEST_CASE(lost_events_and_node_trouble_are_told) {
    const workplace at;
    const run_result ran = at.run({"replay", test::data_path("sample-flows.jsonl").string()});
    BOOST_TEST(has(ran.err, "\"lost_events\": {\"HUBBLE_RING_BUFFER\": 1, \"PERF_EVENT_RING_BUFFER\": 4821}"));
    BOOST_TEST(has(ran.err, "prod-eu/worker-4"));
    BOOST_TEST(has(ran.err, "\"other_events\": 3"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
