// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The commands, and what they share. One thread; each returns when its work is done.

#include "base/log.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"
#include "session/session.hpp"

namespace cpg {

// Each throws usage_error before anything is read, written or connected, and fatal_error later.
exit_status run_generate(const parsed_options& options, logger& log);
exit_status run_replay(const parsed_options& options, logger& log);
exit_status run_combine(const parsed_options& options, logger& log);
exit_status run_verify(const parsed_options& options, logger& log);
exit_status run_bootstrap(const parsed_options& options, logger& log);
/// `program` is the name in hints.
exit_status run_explain(const parsed_options& options, const std::string& program, logger& log);

/// Prints the health block and the session summary, and finds the exit status.
exit_status conclude(const parsed_options& options, const session_settings& settings, const session_result& result,
                     logger& log);
/// Has the process end by itself where a thread can not be waited for. The references must outlive the session.
void conclude_when_stuck(const parsed_options& options, session_settings& settings, logger& log);

/// Everything, from the words of the command line to the exit status.
int run_cpg(int argc, const char* const* argv);

}  // namespace cpg
