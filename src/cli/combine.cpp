// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/combine.hpp"

#include <chrono>
#include <utility>

#include "base/error.hpp"
#include "cli/commands.hpp"
#include "cli/partial_flags.hpp"
#include "cli/session_flags.hpp"

namespace cpg {

namespace {

// What the parts were made with, and what follows from it.
void take_over(session_settings& settings, const parsed_options& options, const part_header& parts) {
    settings.gates = parts.options.gates;
    settings.select_by = parts.options.select_by;
    settings.by_cluster = parts.options.by_cluster;
    if (settings.by_cluster && options.is_on("cluster-dedup"))
        throw fatal_error(
            "the parts were made with --by-cluster, which --cluster-dedup excludes: one API server does not have the "
            "policies of all clusters");
    if (!options.has("no-default-deny")) settings.writer.no_default_deny = settings.gates.forwarded;
    if (!parts.options.evidence) settings.evidence.reset();
    if (settings.evidence) {
        if (!options.has("evidence-samples")) settings.evidence->limits.samples = parts.options.samples;
        if (settings.evidence->limits.samples > parts.options.samples)
            throw fatal_error("--evidence-samples is more than the parts have: they were made with " +
                              std::to_string(parts.options.samples));
        const part_inputs& inputs = parts.totals.inputs;
        settings.evidence->source.file =
            inputs.first + (inputs.count > 1 ? " and " + std::to_string(inputs.count - 1) + " more" : "");
    }
    settings.samples = settings.evidence && !settings.writer.dry_run ? settings.evidence->limits.samples : 0;
    if (!settings.gates.l7 && (options.has("l7-collapse-paths") || options.has("l7-min-flows")))
        throw fatal_error("--l7-collapse-paths and --l7-min-flows go with parts that were made with --l7");
}

}  // namespace

exit_status run_combine(const parsed_options& options, logger& log) {
    if (options.has("partial")) {
        check_partial_flags(options);
        sum_parts_to(options.arguments, partial_of(options), log);
        return exit_status::success;
    }
    session_settings settings = session_settings_of(options, log);
    const summed_parts parts = sum_parts(options.arguments, log);
    if (parts.header.totals.counts.flows == 0)
        throw fatal_error("no part has a flow: see what cpg replay --partial said of the captures");
    take_over(settings, options, parts.header);
    use_cluster_dedup(options, settings, std::chrono::steady_clock::now() + std::chrono::minutes(1), log);
    return conclude(options, settings, write_policies_of(parts, settings, log), log);
}

}  // namespace cpg
