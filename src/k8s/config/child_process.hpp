// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Runs one program and takes what it prints. posix_spawn, never fork: other threads hold locks. The child
// inherits no descriptor but 0, 1 and 2, and when the wait ends early, by time or cancellation, it is killed
// and reaped before the coroutine returns. On the executor of the calling coroutine.

#include <asio/awaitable.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "base/deadline.hpp"

namespace cpg::k8s {

struct child_request {
    std::string command;  ///< looked up in PATH when it has no slash
    std::vector<std::string> args;
    std::vector<std::string> env;  ///< the whole environment, NAME=value
    bool inherit_stdin = false;    ///< else /dev/null, and a process group of its own
    std::size_t most_output = 0;   ///< bytes; more ends the child
    steady_time until;
};

struct child_result {
    std::string output;
    int exit_code = 0;  ///< -1 when a signal ended it
    bool timed_out = false;
    bool too_much = false;
};

/// Throws std::system_error when the program can't be started.
asio::awaitable<child_result> run_child(child_request request);

}  // namespace cpg::k8s
