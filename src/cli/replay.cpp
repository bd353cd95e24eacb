// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/replay.hpp"

#include "cli/commands.hpp"
#include "cli/session_flags.hpp"

namespace cpg {

exit_status run_replay(const parsed_options& options, logger& log) {
    session_settings settings = session_settings_of(options, log);
    use_cluster_dedup(options, settings, log);
    conclude_when_stuck(options, settings, log);
    const session_result result = replay_captures(settings, options.arguments, log);
    return conclude(options, settings, result, log);
}

}  // namespace cpg
