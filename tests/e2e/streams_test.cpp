// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Standard output and standard error that are full, closed, or that nobody reads.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <csignal>

#include "e2e/workplace.hpp"
#include "support/patience.hpp"

namespace cpg {

namespace {

using test::flow_line;
using test::has;
using test::run_result;
using test::workplace;

// Commands that print, each in a way of its own: information, a diff, what explain finds, the health block.
std::vector<std::vector<std::string>> printing_commands() {
    return {{"--help"},
            {"replay", "--help"},
            {"--version"},
            {"replay", "-", "--dry-run"},
            {"explain", "shop/cart", "--evidence-dir", "evidence"},
            {"replay", "--no-evidence", test::data_path("sample-flows.jsonl").string()}};
}

// An end of a pipe or a device, for a child to write to.
class descriptor {
  public:
    explicit descriptor(int fd) : fd_(fd) {
        if (fd < 0) throw std::runtime_error("a descriptor could not be opened");
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() { ::close(fd_); }
    int get() const { return fd_; }

  private:
    int fd_;
};

std::array<int, 2> open_pipe() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    return ends;
}

void leave_evidence(const workplace& at) {
    at.run({"replay", "-", "--evidence-dir", "evidence", "-o", "explained"}, flow_line("a", 80));
}

std::ptrdiff_t policies(const workplace& at) {
    const auto files = at.files();
    return std::ranges::count_if(files, [](const auto& each) { return each.first.ends_with(".yaml"); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(streams_suite)

BOOST_AUTO_TEST_CASE(a_full_standard_output_exits_3_and_says_so) {
    const descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    const workplace at;
    leave_evidence(at);
    for (const std::vector<std::string>& words : printing_commands()) {
        test::run_settings settings = at.settings(flow_line("a", 80));
        settings.streams = {{1, full.get()}};
        const run_result ran = test::run_cpg(words, settings);
        BOOST_TEST(ran.exit_code == 3, words[0] << " " << ran.err);
        BOOST_TEST(has(ran.err, "standard output could not be written: No space left on device"), ran.err);
    }
}

BOOST_AUTO_TEST_CASE(a_reader_that_went_away_wanted_no_more) {
    const workplace at;
    leave_evidence(at);
    for (const std::vector<std::string>& words : printing_commands()) {
        const std::array<int, 2> ends = open_pipe();
        ::close(ends[0]);
        const descriptor writer(ends[1]);
        test::run_settings settings = at.settings(flow_line("a", 80));
        settings.streams = {{1, writer.get()}};
        const run_result ran = test::run_cpg(words, settings);
        BOOST_TEST(ran.exit_code == 0, words[0] << " " << ran.err);
        BOOST_TEST(!has(ran.err, "standard output"), ran.err);
    }
}

// The next file that is opened would be standard output.
BOOST_AUTO_TEST_CASE(a_closed_stream_takes_no_other_files_bytes) {
    for (const int stream : {1, 2}) {
        const workplace at;
        test::run_settings settings = at.settings(test::data_text("sample-flows.jsonl"));
        BOOST_TEST(test::run_cpg({"replay", "-", "-o", "open"}, settings).exit_code == 0);
        settings.streams = {{stream, -1}};
        const run_result ran = test::run_cpg({"replay", "-", "-o", "closed"}, settings);
        BOOST_TEST(ran.exit_code == (stream == 1 ? 3 : 0), ran.err);
        BOOST_TEST((at.files("open") == at.files("closed")));
    }
}

BOOST_AUTO_TEST_CASE(a_log_that_nobody_reads_holds_up_neither_the_flows_nor_a_signal) {
    const workplace at;
    const std::array<int, 2> ends = open_pipe();
    const descriptor reader(ends[0]);
    const descriptor writer(ends[1]);
    std::string input;
    for (unsigned port = 1; port <= 3000; ++port)
        input += flow_line("a", port, "subject-" + std::to_string(port % 300));
    test::run_settings settings = at.settings();
    settings.pipe_input = true;
    settings.streams = {{2, writer.get()}};
    test::running_cpg cpg({"replay", "-", "--flush-interval", "20ms", "--no-evidence", "--debug"}, settings);
    cpg.write_input(input);
    BOOST_TEST(test::eventually([&] { return policies(at) == 300; }));
    cpg.send(SIGTERM);
    const run_result ran = cpg.wait();
    BOOST_TEST(!ran.timed_out);
    BOOST_TEST(ran.exit_code == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
