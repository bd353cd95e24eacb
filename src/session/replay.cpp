// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/replay.hpp"

#include "base/error.hpp"
#include "source/capture_file.hpp"

namespace cpg {

namespace {

std::string why_no_flow(const session_result& result, const std::string& path) {
    const std::string name = path == "-" ? "standard input" : path;
    if (result.lines == 0) return name + " is empty";
    std::string out = "no line of " + name + " is a flow (" + std::to_string(result.lines) + " lines read)";
    if (!result.first_malformed.problem.empty())
        out += "; line " + std::to_string(result.first_malformed.line) + ": " + result.first_malformed.problem;
    return out;
}

}  // namespace

session_result replay_capture(session_settings settings, const std::string& path, logger& log) {
    session run(std::move(settings), log);
    const auto source = capture_file::open(path, run.pool(), run.strand());
    session_result result = run.run(*source);
    if (result.counts.flows == 0 && result.problem.empty() && !result.stopped_by_signal)
        throw fatal_error(
            why_no_flow(result, path) +
            "; capture flows with: hubble observe --verdict DROPPED --since 1h -o jsonpb > capture.jsonl");
    return result;
}

}  // namespace cpg
