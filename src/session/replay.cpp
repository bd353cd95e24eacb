// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/replay.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "source/capture_files.hpp"

namespace cpg {

namespace {

std::string name_of(const input_list& list) {
    if (list.inputs.size() > 1) return std::to_string(list.inputs.size()) + " files";
    return list.inputs[0].path == "-" ? "standard input" : list.inputs[0].path;
}

}  // namespace

std::string why_no_flow(const session_result& result, const input_list& list) {
    if (result.lines == 0) return name_of(list) + (list.inputs.size() > 1 ? " are empty" : " is empty");
    std::string out = "no line of " + name_of(list) + " is a flow (" + std::to_string(result.lines) + " lines read)";
    const malformed_line& first = result.first_malformed;
    if (first.problem.empty()) return out;
    if (!first.input.name.empty()) out += "; " + first.input.name;
    return out + "; line " + std::to_string(first.line) + ": " + first.problem;
}

void warn_of_inputs_without_events(const std::vector<std::string>& names, logger& log) {
    constexpr std::size_t most_named = 20;
    if (names.empty()) return;
    log.warn("no line of these files is a flow",
             {{"files", std::vector<std::string>(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                                                    names.size(), most_named)))},
              {"count", std::uint64_t{names.size()}}});
}

bool may_wait_for_end(const input_list& list) {
    return list.bytes > 0;
}

source_maker captures_in(const input_list& list) {
    return [&list](const session_executors& at) { return std::make_unique<capture_files>(list, at.pool, at.strand); };
}

session_result replay_loki(session_settings settings, loki_settings loki, logger& log) {
    const std::string query = loki.query;
    session_result result = run_session(std::move(settings), log, [&](const session_executors& at) {
        return std::make_unique<loki_source>(at.strand, std::move(loki), log);
    });
    if (result.counts.flows > 0 || !result.problem.empty() || result.stopped_by_signal) return result;
    std::string why = result.lines == 0 ? "Loki has no line for " + query + " in this time"
                                        : "no line that Loki gave is a flow (" + std::to_string(result.lines) +
                                              " lines read); the first: " + result.first_malformed.problem;
    throw fatal_error(why + "; look at it with: logcli query --limit 5 '" + query + "'");
}

session_result replay_captures(session_settings settings, const std::vector<std::string>& paths, logger& log) {
    const input_list list = list_inputs(paths);
    settings.writes_at_end = may_wait_for_end(list) && !settings.flush_interval;
    session_result result = run_session(std::move(settings), log, captures_in(list));
    if (result.counts.flows == 0 && result.problem.empty() && !result.stopped_by_signal)
        throw fatal_error(
            why_no_flow(result, list) +
            "; capture flows with: hubble observe --verdict DROPPED --since 1h -o jsonpb > capture.jsonl");
    if (list.inputs.size() > 1) warn_of_inputs_without_events(result.inputs_without_events, log);
    return result;
}

}  // namespace cpg
