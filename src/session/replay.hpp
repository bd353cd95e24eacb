// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A session over a capture. One thread, which blocks until the session is over.

#include <string>
#include <vector>

#include "session/session.hpp"

namespace cpg {

/// Files, folders, or `-` for standard input. Throws fatal_error when one can't be found, or when no line is a flow.
session_result replay_captures(session_settings settings, const std::vector<std::string>& paths, logger& log);

}  // namespace cpg
