// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/partial.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/keep_first.hpp"
#include "base/limits.hpp"
#include "partial/merge.hpp"
#include "session/replay.hpp"

namespace cpg {

namespace {

part_totals totals_of(const session_result& result, const std::vector<std::string>& paths) {
    return {.parts = 1,
            .inputs = {.first = *std::ranges::min_element(paths), .count = paths.size()},
            .counts = result.counts,
            .findings = result.findings,
            .lines = result.lines,
            .malformed = result.malformed,
            .other_events = result.other_events,
            .lost_by_source = result.lost_by_source,
            .unavailable_nodes = {result.unavailable_nodes.begin(), result.unavailable_nodes.end()},
            .pods = {},
            .servers = {}};
}

// A part that lacks flows would be taken for one that has them all.
void check_whole(const session_result& result) {
    if (!result.problem.empty()) throw fatal_error("no part was written, for it would lack flows: " + result.problem);
    if (result.stopped_by_signal)
        throw fatal_error("no part was written, for it would lack flows: stopped by a signal");
}

}  // namespace

session_result replay_to_part(session_settings settings, const std::vector<std::string>& paths,
                              const part_settings& part, logger& log) {
    part_header header{.cpg_version = part.cpg_version,
                       .options = {.gates = settings.gates,
                                   .select_by = settings.select_by,
                                   .evidence = part.evidence,
                                   .samples = settings.samples,
                                   .by_cluster = settings.by_cluster},
                       .totals = {}};
    const input_list list = list_inputs(paths);
    const auto write = [&](const session_sums& sums, const session_result& result) {
        check_whole(result);
        if (result.counts.flows == 0) log.warn(why_no_flow(result, list) + ": the part has none");
        if (list.inputs.size() > 1) warn_of_inputs_without_events(result.inputs_without_events, log);
        header.totals = totals_of(result, paths);
        if (part.evidence) header.totals.pods = sums.pods;
        keep_first(header.totals.pods, limits::workloads);
        part_writer writer(part.out);
        write_part(writer, std::move(header), sums.shards);
    };
    return add_up_session(std::move(settings), log, captures_in(list), write);
}

}  // namespace cpg
