// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The two errors that end a run. Both are thrown with a sentence that names what, where, why and what to do
// next, and are caught once, in cli. A failed item (a bad line, one policy) is never thrown across a stage: it
// is counted, logged and remembered in the exit status. Safe from any thread.

#include <stdexcept>
#include <string>

namespace cpg {

/// The command line is wrong; nothing has been read, written or connected. Exit status 2.
class usage_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The run can't go on: no connection, unreadable input, a kubeconfig that is wrong. Exit status 3.
class fatal_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

}  // namespace cpg
