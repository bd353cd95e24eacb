// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/replay.hpp"

#include <chrono>
#include <utility>

#include "base/error.hpp"
#include "cli/commands.hpp"
#include "cli/loki_flags.hpp"
#include "cli/session_flags.hpp"

namespace cpg {

exit_status run_replay(const parsed_options& options, logger& log) {
    std::optional<loki_settings> loki = loki_settings_of(options);
    const std::vector<std::string>& captures = captures_of(options);
    session_settings settings = session_settings_of(options, log);
    // Thousands of policies come in pages; each page of an API server takes well under a second.
    use_cluster_dedup(options, settings, std::chrono::steady_clock::now() + std::chrono::minutes(1), log);
    conclude_when_stuck(options, settings, log);
    const session_result result =
        loki ? replay_loki(settings, std::move(*loki), log) : replay_captures(settings, captures, log);
    return conclude(options, settings, result, log);
}

}  // namespace cpg
