// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/replay.hpp"

#include <chrono>
#include <utility>

#include "base/error.hpp"
#include "base/freed_memory.hpp"
#include "cli/cluster_dedup.hpp"
#include "cli/commands.hpp"
#include "cli/loki_flags.hpp"
#include "cli/session_flags.hpp"
#include "cli/version.hpp"
#include "session/partial.hpp"

namespace cpg {

namespace {

exit_status run_partial(const parsed_options& options, logger& log) {
    const part_settings part{
        .out = options.text("partial"), .cpg_version = version, .evidence = !options.is_on("no-evidence")};
    const std::vector<std::string>& captures = captures_of(options);
    const session_result result = replay_to_part(session_settings_of(options, log), captures, part, log);
    log.info("part written", {{"path", part.out},
                              {"flows_seen", result.counts.flows},
                              {"flows_kept", result.counts.kept},
                              {"lines_read", result.lines},
                              {"lines_skipped", result.malformed}});
    return exit_status::success;
}

}  // namespace

exit_status run_replay(const parsed_options& options, logger& log) {
    keep_freed_memory();
    if (options.has("partial")) return run_partial(options, log);
    std::optional<loki_settings> loki = loki_settings_of(options);
    const std::vector<std::string>& captures = captures_of(options);
    session_settings settings = session_settings_of(options, log);
    // Thousands of policies come in pages; each page of an API server takes well under a second.
    use_cluster_dedup(options, settings, std::chrono::steady_clock::now() + std::chrono::minutes(1), log);
    conclude_when_stuck(options, settings, log);
    write_health_at_end(settings, log);
    const session_result result =
        loki ? replay_loki(settings, std::move(*loki), log) : replay_captures(settings, captures, log);
    return conclude(options, settings, result, log);
}

}  // namespace cpg
