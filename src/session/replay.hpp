// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A session over a capture. One thread, which blocks until the session is over.

#include <string>
#include <vector>

#include "session/loki_source.hpp"
#include "session/session.hpp"

namespace cpg {

/// Lines of Loki. Throws fatal_error when none of them is a flow.
session_result replay_loki(session_settings settings, loki_settings loki, logger& log);

/// Files, folders, or `-` for standard input. Throws fatal_error when one can't be found, or when no line is a flow.
session_result replay_captures(session_settings settings, const std::vector<std::string>& paths, logger& log);

}  // namespace cpg
