// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The commands, and what they share. One thread; each returns when its work is done.

#include "base/log.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"
#include "session/session.hpp"

namespace cpg {

// As the rows of the table of commands have them.
exit_status run_generate(const parsed_options& options, logger& log);
exit_status run_replay(const parsed_options& options, logger& log);
exit_status run_combine(const parsed_options& options, logger& log);
exit_status run_verify(const parsed_options& options, logger& log);
exit_status run_bootstrap(const parsed_options& options, logger& log);
exit_status run_explain(const parsed_options& options, logger& log);
exit_status run_completion(const parsed_options& options, logger& log);
exit_status run_help(const parsed_options& options, logger& log);
exit_status run_version(const parsed_options& options, logger& log);

/// Prints the health block and the session summary, and finds the exit status.
exit_status conclude(const parsed_options& options, const session_settings& settings, const session_result& result,
                     logger& log);
/// Has the process end by itself where a thread can not be waited for. The references must outlive the session.
/// Has cluster health written while the session still holds its folders, for conclude() to tell of.
void write_health_at_end(session_settings& settings, logger& log);
void conclude_when_stuck(const parsed_options& options, session_settings& settings, logger& log);

/// Everything, from the words of the command line to the exit status.
int run_cpg(int argc, const char* const* argv);

}  // namespace cpg
