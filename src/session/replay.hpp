// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A session over a capture. One thread, which blocks until the session is over.

#include <string>
#include <vector>

#include "session/loki_source.hpp"
#include "session/session.hpp"
#include "source/input_list.hpp"

namespace cpg {

/// Lines of Loki. Throws fatal_error when none of them is a flow.
session_result replay_loki(session_settings settings, loki_settings loki, logger& log);

/// Each input has an end that is known, so that policies can be written once; what others bring is wanted meanwhile.
bool may_wait_for_end(const input_list& list);

/// The captures as a source. `list` must outlive the session.
source_maker captures_in(const input_list& list);

/// `a.jsonl is empty`, `no line of 3 files is a flow (…)`.
std::string why_no_flow(const session_result& result, const input_list& list);
/// Of several inputs, those that hold something else.
void warn_of_inputs_without_events(const std::vector<std::string>& names, logger& log);

/// Files, folders, or `-` for standard input. Throws fatal_error when one can't be found, or when no line is a flow.
session_result replay_captures(session_settings settings, const std::vector<std::string>& paths, logger& log);

}  // namespace cpg
