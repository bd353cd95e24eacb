// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Runs the real binary (its path is in the environment variable CPG) in a folder, with a bound on the time that
// it may take. One thread; ends only the process that it started.

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/program.hpp"
#include "support/temp_dir.hpp"

namespace cpg::test {

struct run_settings {
    std::filesystem::path dir;                            ///< the working folder
    std::string input = {};                               ///< standard input
    std::map<std::string, std::string> environment = {};  ///< set beside what the test has
    std::string program = {};                             ///< in place of CPG, e.g. a link to it
    std::optional<std::uint64_t> most_file_bytes = {};    ///< RLIMIT_FSIZE: a disk that is full
    std::map<int, int> streams = {};  ///< standard output or error: this in its place, -1 for closed
    bool pipe_input = false;          ///< standard input stays open until close_input()
    std::chrono::milliseconds patience{60'000};
};

struct run_result {
    int exit_code = -1;  ///< -1 when a signal ended it
    int signal = 0;
    bool timed_out = false;
    std::string out;
    std::string err;
};

/// The binary under test, while it runs.
class running_cpg {
  public:
    running_cpg(const std::vector<std::string>& words, const run_settings& settings);
    ~running_cpg();
    running_cpg(const running_cpg&) = delete;
    running_cpg& operator=(const running_cpg&) = delete;

    void write_input(std::string_view text);
    void close_input();
    /// Whether it has taken what was written: its end of the pipe is empty.
    bool has_read_input() const;
    void send(int signal) const;
    /// What it has written to stderr so far.
    std::string err() const;
    /// Waits until stderr has the text. False when the patience ends first.
    bool wait_for(std::string_view text) const;
    run_result wait();
    /// wait() still tells how.
    bool has_ended();

  private:
    milliseconds time_left() const;

    temp_dir files_;
    std::chrono::steady_clock::time_point deadline_;
    int input_ = -1;
    std::optional<program> child_;
};

run_result run_cpg(const std::vector<std::string>& words, const run_settings& settings);
/// The path of the binary under test.
std::filesystem::path cpg_binary();

}  // namespace cpg::test
