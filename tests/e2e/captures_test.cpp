// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Captures in several files, folders and archives, in lines of log collectors and in JSON of any layout: the same flows
// give the same policies, however they are spread; what can't be read is named with what to do.

#include <sys/resource.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <random>

#include "e2e/workplace.hpp"
#include "support/archives.hpp"
#include "support/compress.hpp"

namespace cpg {

namespace {

using test::archive_format;
using test::archive_member;
using test::archived;
using test::flow_line;
using test::has;
using test::run_result;
using test::workplace;

using tree = std::map<std::string, std::string>;

std::vector<std::string> flows() {
    std::mt19937 random(11);
    std::vector<std::string> out;
    for (int i = 0; i < 600; ++i)
        out.push_back(
            flow_line("peer" + std::to_string(random() % 9), 1 + random() % 60, "app" + std::to_string(random() % 6)));
    return out;
}

std::string text_of(const std::vector<std::string>& lines, std::size_t from = 0, std::size_t step = 1) {
    std::string out;
    for (std::size_t i = from; i < lines.size(); i += step)
        out += lines[i];
    return out;
}

tree policies_of(const workplace& at, std::vector<std::string> words) {
    words.insert(words.begin(), "replay");
    const run_result ran = at.run(words);
    BOOST_TEST(ran.exit_code == 0, ran.err);
    return at.files();
}

tree from_text(const std::string& content, const std::string& name = "capture") {
    const workplace at;
    test::write_text(at / name, content);
    return policies_of(at, {name});
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
        text.replace(at, what.size(), by);
    return text;
}

// As jq prints it: every member on a line of its own.
std::string pretty(const std::string& line) {
    std::string out;
    bool in_string = false;
    for (const char c : line) {
        if (c == '"') in_string = !in_string;
        out += c;
        if (!in_string && (c == '{' || c == '[' || c == ',')) out += "\n   ";
    }
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(captures)

BOOST_AUTO_TEST_CASE(however_flows_are_spread_over_files_folders_and_archives_the_bytes_are_the_same) {
    const std::vector<std::string> lines = flows();
    const tree expected = from_text(text_of(lines));
    BOOST_TEST(expected.size() == 6u);

    const workplace files;
    std::filesystem::create_directories(files / "export/older/deep");
    test::write_text(files / "export/events.log", text_of(lines, 0, 4));
    test::write_text(files / "export/events-2.log.gz", test::gzipped(text_of(lines, 1, 4)));
    test::write_text(files / "export/older/b.zst", test::zstd_compressed(text_of(lines, 2, 4)));
    test::write_text(files / "export/older/deep/a", test::bzip2_compressed(text_of(lines, 3, 4)));
    test::write_text(files / "export/older/empty", "");
    BOOST_TEST((policies_of(files, {"export"}) == expected));
    const workplace named;
    const auto path = [&](const char* name) { return (files / "export").string() + "/" + name; };
    BOOST_TEST((policies_of(named, {path("older"), path("events-2.log.gz"), path("events.log"), path("older/b.zst")}) ==
                expected));

    const std::vector<archive_member> members = {{"export", "", AE_IFDIR},
                                                 {"export/events.log", text_of(lines, 0, 3)},
                                                 {"export/link", "/etc/passwd", AE_IFLNK},
                                                 {"/../../outside.gz", test::gzipped(text_of(lines, 1, 3))},
                                                 {"empty", ""},
                                                 {"export/c", pretty(text_of(lines, 2, 3))}};
    for (const archive_format format : {archive_format::tar, archive_format::gnu_tar, archive_format::zip}) {
        const std::string bytes = archived(members, format);
        BOOST_TEST((from_text(bytes) == expected));
        BOOST_TEST((from_text(test::gzipped(bytes)) == expected));
        const workplace at;
        const run_result piped =
            at.run({"replay", "-"}, format == archive_format::zip ? bytes : test::xz_compressed(bytes));
        BOOST_TEST(piped.exit_code == 0, piped.err);
        BOOST_TEST((at.files() == expected));
        BOOST_TEST(at.outside().empty());
    }
}

BOOST_AUTO_TEST_CASE(lines_of_log_collectors_and_json_of_any_layout_give_the_same_bytes) {
    const std::vector<std::string> lines = flows();
    const tree expected = from_text(text_of(lines));
    std::string prefixed, docker, array, together, printed, fluent, cri;
    for (const std::string& line : lines) {
        const std::string bare = line.substr(0, line.size() - 1);
        const std::string quoted = replaced(bare, "\"", "\\\"");
        prefixed += "[pod/cilium-x/cilium-agent] " + line;
        docker += "{\"log\":\"" + quoted + "\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-14T09:00:00.1Z\"}\n";
        fluent += "{\"date\":1768381200.5,\"kubernetes\":{\"pod_name\":\"x\"},\"log\":\"" + quoted + "\"}\n";
        array += (array.empty() ? "[" : ",") + bare;
        together += bare;
        printed += pretty(bare) + "\n";
        cri += "2026-01-14T09:00:00.123456789Z stdout F " + line;
    }
    BOOST_TEST((from_text(prefixed) == expected));
    BOOST_TEST((from_text(docker) == expected));
    BOOST_TEST((from_text(fluent) == expected));
    BOOST_TEST((from_text(array + "]\n") == expected));
    BOOST_TEST((from_text(pretty(array + "]")) == expected));
    BOOST_TEST((from_text(together) == expected));
    BOOST_TEST((from_text(printed) == expected));
    BOOST_TEST((from_text(cri) == expected));
}

BOOST_AUTO_TEST_CASE(more_files_than_a_process_may_open_are_read_one_after_the_other) {
    const workplace at;
    std::filesystem::create_directories(at / "many");
    for (int i = 0; i < 300; ++i)
        test::write_text(at / ("many/" + std::to_string(i)), flow_line("peer" + std::to_string(i), 80));
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit few = before;
    few.rlim_cur = 100;
    ::setrlimit(RLIMIT_NOFILE, &few);
    const run_result ran = at.run({"replay", "many"});
    ::setrlimit(RLIMIT_NOFILE, &before);
    BOOST_TEST(ran.exit_code == 0, ran.err);
    BOOST_TEST(has(ran.err, "\"flows_seen\": 300"));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_named_twice_or_by_a_link_is_read_once) {
    const workplace at;
    std::filesystem::create_directories(at / "in");
    test::write_text(at / "in/a", flow_line("x", 80));
    std::filesystem::create_symlink("a", at / "in/b");
    std::filesystem::create_directory_symlink(".", at / "in/loop");
    const run_result ran = at.run({"replay", "in", "in/a", "in/b"});
    BOOST_TEST(ran.exit_code == 0, ran.err);
    BOOST_TEST(has(ran.err, "\"flows_seen\": 1"));
}

BOOST_AUTO_TEST_CASE(a_pipe_among_files_is_no_file_and_one_in_a_folder_is_left_out) {
    const workplace at;
    std::filesystem::create_directories(at / "in");
    test::write_text(at / "in/a", flow_line("x", 80));
    ::mkfifo((at / "in/pipe").c_str(), 0600);
    const run_result ran = at.run({"replay", "-", "in"}, flow_line("y", 80));
    BOOST_TEST(ran.exit_code == 0, ran.err);
    BOOST_TEST(has(ran.err, "\"flows_seen\": 2"));
}

BOOST_AUTO_TEST_CASE(a_damaged_file_among_others_exits_3_and_the_others_are_used) {
    const workplace at;
    std::filesystem::create_directories(at / "in");
    const std::string packed = test::gzipped(text_of(flows()));
    test::write_text(at / "in/a.gz", packed.substr(0, packed.size() / 2));
    test::write_text(at / "in/b", flow_line("later", 80, "last"));
    test::write_text(at / "in/c.lz4", "\x04\x22\x4d\x18 and more");
    const run_result ran = at.run({"replay", "in"});
    BOOST_TEST(ran.exit_code == 3);
    BOOST_TEST(has(ran.err, "in/a.gz: the gzip data ends too early"));
    BOOST_TEST(has(ran.err, "in/c.lz4 is lz4, which cpg does not read: use lz4 -dc in/c.lz4 | cpg replay -"));
    BOOST_TEST(has(at.files()["shop/last.yaml"], "app: later"));
    const run_result gone = at.run({"replay", "in/b", "missing"});
    BOOST_TEST(gone.exit_code == 3);
    BOOST_TEST(has(gone.err, "cannot open missing"));
}

BOOST_AUTO_TEST_CASE(a_damaged_archive_or_entry_exits_3_and_the_rest_is_used) {
    const workplace at;
    const std::string packed = test::gzipped(text_of(flows()));
    const std::string inner = archived({{"x", flow_line("x", 80)}}, archive_format::tar);
    const std::string bytes = archived({{"first", flow_line("a", 80, "first")},
                                        {"cut.gz", packed.substr(0, packed.size() / 2)},
                                        {"inner.tar", inner},
                                        {"last", flow_line("b", 80, "last")}},
                                       archive_format::tar);
    const run_result parts = at.run({"replay", "-"}, bytes);
    BOOST_TEST(parts.exit_code == 3);
    BOOST_TEST(has(parts.err, "standard input:cut.gz: the gzip data ends too early"));
    BOOST_TEST(has(parts.err, "standard input:inner.tar is an archive within an archive"));
    BOOST_TEST(at.files().count("shop/first.yaml") == 1u);
    BOOST_TEST(at.files().count("shop/last.yaml") == 1u);
    for (const archive_format format : {archive_format::tar, archive_format::zip}) {
        const workplace cut;
        const std::string whole =
            archived({{"first", flow_line("a", 80, "first")}, {"second", text_of(flows())}}, format);
        const run_result ran = cut.run({"replay", "-"}, whole.substr(0, whole.size() / 2));
        BOOST_TEST(ran.exit_code == 3);
        BOOST_TEST(has(ran.err, "standard input: the archive is damaged: "), ran.err);
        BOOST_TEST(cut.files().count("shop/first.yaml") == 1u);
    }
}

BOOST_AUTO_TEST_CASE(malformed_lines_are_named_with_their_file_where_there_are_several) {
    const workplace at;
    test::write_text(at / "a", flow_line("x", 80) + "garbage\n");
    test::write_text(at / "b", "rubbish\n");
    const run_result ran = at.run({"replay", "a", "b"});
    BOOST_TEST(ran.exit_code == 0, ran.err);
    BOOST_TEST(has(ran.err, "malformed line skipped  {\"file\": \"a\", \"line\": 2, "));
    BOOST_TEST(has(ran.err, "malformed line skipped  {\"file\": \"b\", \"line\": 1, "));
    BOOST_TEST(has(ran.err, "no line of these files is a flow  {\"files\": [\"b\"], \"count\": 1}"));
    const run_result none = at.run({"replay", "b", "b", "-"}, "\n");
    BOOST_TEST(none.exit_code == 3);
    BOOST_TEST(has(none.err, "no line of 2 files is a flow (1 lines read); b; line 1: not JSON"), none.err);
}

BOOST_AUTO_TEST_CASE(formats_that_are_not_read_are_named_with_the_command_that_mends_it) {
    const workplace at;
    const auto says = [&](const std::string& content, std::string_view what) {
        test::write_text(at / "capture", content);
        const run_result ran = at.run({"replay", "capture"});
        BOOST_TEST(ran.exit_code == 3);
        BOOST_TEST(has(ran.err, what), ran.err);
    };
    std::string utf16 = "\xff\xfe";
    for (const char c : flow_line("x", 80))
        utf16 += std::string(1, c) + std::string(1, '\0');
    says(utf16, "capture is UTF-16 text, which cpg does not read: use iconv -f UTF-16 -t UTF-8 capture | cpg replay -");
    says(utf16.substr(2), "iconv -f UTF-16LE -t UTF-8 capture");
    says("\x04\x22\x4d\x18 and more", "lz4 -dc capture | cpg replay -");
    says("Jan 14 09:13:41.002: shop/a:1 (ID:7) -> shop/b:2 (ID:8) INGRESS DENIED (TCP Flags: SYN)\n",
         "hubble's compact output: capture with `hubble observe -o jsonpb`");
    says("Policy verdict log: flow 0x0 local EP ID 7, remote ID 8, proto 6, ingress, action deny\n", "cilium monitor");
    says("{\"connection\":{\"src_ip\":\"10.0.0.1\"},\"disposition\":\"deny\"}\n", "GKE network policy log");
}

BOOST_AUTO_TEST_CASE(a_stop_while_an_archive_comes_through_a_pipe_writes_what_was_read) {
    const workplace at;
    test::run_settings settings = at.settings();
    settings.pipe_input = true;
    test::running_cpg piped({"replay", "-", "--flush-interval", "100ms"}, settings);
    const std::string bytes =
        archived({{"first", flow_line("a", 80, "first")}, {"second", text_of(flows())}}, archive_format::tar);
    piped.write_input(bytes.substr(0, bytes.size() / 2));
    BOOST_TEST(piped.wait_for("policy written"));
    piped.send(SIGTERM);
    const run_result ran = piped.wait();
    BOOST_TEST(ran.exit_code == 0, ran.err);
    BOOST_TEST(at.files().count("shop/first.yaml") == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
