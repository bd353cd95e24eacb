// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The verdict at the end of a session with --verify: whether the files allow what was denied. One thread.

#include "base/log.hpp"
#include "session/session.hpp"

namespace cpg {

/// Says so in the log, as its last line. Reads the output directory.
void say_verdict(const session_settings& settings, const session_result& result, logger& log);

}  // namespace cpg
