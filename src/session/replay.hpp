// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A session over a capture. One thread, which blocks until the session is over.

#include <string>

#include "session/session.hpp"

namespace cpg {

/// `path`, or `-` for standard input. Throws fatal_error when it can't be opened, or when no line of it is a flow.
session_result replay_capture(session_settings settings, const std::string& path, logger& log);

}  // namespace cpg
