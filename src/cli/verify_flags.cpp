// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/verify_flags.hpp"

#include <unistd.h>

#include "base/error.hpp"
#include "base/terminal.hpp"
#include "base/text.hpp"
#include "cli/check_options.hpp"
#include "cli/evidence_flags.hpp"
#include "cli/session_flags.hpp"

namespace cpg {

namespace {

// `none` assumes it of nobody.
std::optional<std::set<std::string, std::less<>>> default_deny_of(const parsed_options& options) {
    if (!options.has("assume-default-deny")) return std::nullopt;
    std::set<std::string, std::less<>> out;
    for (const std::string& each : options.list("assume-default-deny")) {
        if (each == "none") continue;
        if (!is_dns_label(each))
            throw usage_error(json_quote(each) + " in --assume-default-deny is no name of a namespace");
        out.insert(each);
    }
    return out;
}

}  // namespace

verify_query verify_query_of(const parsed_options& options) {
    verify_query out{.policies = options.arguments,
                     .captures = options.list("capture"),
                     .base = options.list("base"),
                     .output = choice_of<verify_output>(options, "output"),
                     .all = options.is_on("all"),
                     .lint = options.is_on("lint"),
                     .evidence_dir = {},
                     .judging = {.default_deny = default_deny_of(options)}};
    if (out.captures.empty())
        throw usage_error(
            "verify needs the flows to ask about: --capture FILE, as 'hubble observe -o jsonpb' writes it");
    if (out.lint) out.evidence_dir = evidence_dir_of(options);
    return out;
}

session_settings survey_settings_of(const parsed_options& options) {
    session_settings out;
    out.survey = survey::alone;
    out.gates.window = window_of(options);
    out.writer.output_dir = ".";
    out.writer.dry_run = true;
    out.status_line =
        can_rewrite_lines(STDERR_FILENO) && !options.is_on("json") && log_settings_of(options).level <= log_level::info;
    return out;
}

}  // namespace cpg
