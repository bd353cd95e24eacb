// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A real child process with its output in files, for tests of the programs as people start them. Every wait
// has an end; the destructor kills what still runs, by its process id. Blocking, one thread.

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/patience.hpp"

namespace cpg::test {

using milliseconds = std::chrono::milliseconds;

struct program_settings {
    std::vector<std::string> words;  ///< the file to run and its arguments; looked up in PATH without a slash
    std::map<std::string, std::string> environment;     ///< all of it: nothing is inherited
    std::filesystem::path folder;                       ///< to run in; must exist
    std::filesystem::path in = "/dev/null";             ///< a file for stdin
    std::filesystem::path out = {};                     ///< and for stdout; what is written goes behind what it has
    std::filesystem::path err = {};                     ///< and for stderr
    std::map<int, int> streams = {};                    ///< one of these three: this in its place, -1 for closed
    std::optional<std::uint64_t> most_file_bytes = {};  ///< RLIMIT_FSIZE: a disk that is full
};

/// The environment of this process, with these in place of what it has.
std::map<std::string, std::string> environment_with(std::map<std::string, std::string> changes);

class program {
  public:
    /// Throws std::runtime_error when it can't be started.
    explicit program(program_settings settings);
    program(const program&) = delete;
    program& operator=(const program&) = delete;
    ~program();

    pid_t id() const { return id_; }
    void signal(int number) const;
    bool is_running() { return !wait(milliseconds(0)); }
    /// The exit code, or 128 and the signal's number as a shell has it; nothing when it still runs after
    /// `limit`.
    std::optional<int> wait(milliseconds limit);
    /// The signal that ended it, or 0.
    int ending_signal() const { return signal_; }
    /// Like wait(), but an end that doesn't come is killed and thrown as std::runtime_error.
    int exit_code(milliseconds limit);

    std::string out() const;
    std::string err() const;
    bool said(const std::string& text) const { return err().find(text) != std::string::npos; }

  private:
    void note_end(int status);

    program_settings settings_;
    pid_t id_ = -1;
    std::optional<int> ended_;
    int signal_ = 0;
};

}  // namespace cpg::test
