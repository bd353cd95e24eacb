// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <unistd.h>

#include <cstdlib>

#include "base/error.hpp"
#include "base/print.hpp"
#include "cli/commands.hpp"
#include "cli/verify_flags.hpp"
#include "report/policy_set_files.hpp"
#include "report/verify_json.hpp"
#include "report/verify_text.hpp"
#include "session/replay.hpp"

namespace cpg {

namespace {

bool stdout_has_colour() {
    const char* const no_colour = std::getenv("NO_COLOR");
    return ::isatty(STDOUT_FILENO) && !(no_colour && *no_colour);
}

void say_problems(const policy_files_read& files, logger& log) {
    for (const std::string& each : files.problems)
        log.error("a file of policies can't be read", {{"problem", each}});
    for (const judged_policy& each : files.policies.all())
        for (const policy_fault& fault : each.doubts)
            log.warn("whether Cilium takes a policy is not certain: what depends on it is unknown",
                     {{"file", each.file}, {"line", std::uint64_t{fault.line}}, {"problem", fault.text}});
}

void print_report(const verify_report& report, const verify_query& query) {
    switch (query.output) {
        case verify_output::text: return print(verify_text(report, {.colour = stdout_has_colour(), .all = query.all}));
        case verify_output::json: return print(verify_json(report));
        case verify_output::yaml: return print(verify_yaml(report));
        case verify_output::github: return print(verify_annotations(report));
    }
}

}  // namespace

exit_status run_verify(const parsed_options& options, logger& log) {
    const verify_query query = verify_query_of(options);
    const policy_files_read files = read_policy_files(query.policies);
    say_problems(files, log);
    std::optional<policy_files_read> base;
    if (!query.base.empty()) base = read_policy_files(query.base);
    session_result seen = replay_captures(survey_settings_of(options), query.captures, log);
    verify_report report{.policies = &files.policies,
                         .verification = verify(std::move(seen.connections.all), files.policies,
                                                base ? &base->policies : nullptr, query.judging),
                         .passed_over = seen.connections.passed_over,
                         .flows = seen.counts.flows,
                         .problems = files.problems,
                         .difference = {}};
    if (base) report.difference = compare(base->policies, files.policies, report.verification.all, query.judging);
    print_report(report, query);
    if (!seen.problem.empty() || !files.problems.empty()) return exit_status::fatal;
    return report.is_clean() ? exit_status::success : exit_status::denied;
}

}  // namespace cpg
