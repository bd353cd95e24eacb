// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <unistd.h>

#include <chrono>

#include "base/error.hpp"
#include "base/print.hpp"
#include "base/terminal.hpp"
#include "cli/commands.hpp"
#include "cli/session_flags.hpp"
#include "cli/verify_flags.hpp"
#include "report/policy_set_files.hpp"
#include "report/verify_json.hpp"
#include "report/verify_text.hpp"
#include "session/replay.hpp"

namespace cpg {

namespace {

void say_problems(const policy_files_read& files, logger& log) {
    for (const std::string& each : files.problems)
        log.error("a file of policies can't be read", {{"problem", each}});
    for (const judged_policy& each : files.policies.all())
        for (const policy_fault& fault : each.doubts)
            log.warn("whether Cilium takes a policy is not certain: what depends on it is unknown",
                     {{"file", each.file}, {"line", std::uint64_t{fault.line}}, {"problem", fault.text}});
}

std::vector<judged_policy> policies_of_cluster(const parsed_options& options, logger& log) {
    std::vector<judged_policy> out;
    if (!options.is_on("with-cluster")) return out;
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    for (const policy_in_force& each : list_policies_in_force(cluster_flags_of(options), until, log))
        for (judged_policy& policy : read_policy_text("cluster:" + each.name, each.text, log))
            out.push_back(std::move(policy));
    return out;
}

// A file stands for the policy of the cluster that has its name: applying it replaces that one.
policy_files_read read_beside(const std::vector<std::string>& names, std::vector<judged_policy> of_cluster) {
    policy_files_read files = read_policy_files(names);
    if (of_cluster.empty()) return files;
    std::erase_if(of_cluster, [&](const judged_policy& each) {
        return files.policies.has(each.kind, each.pod_namespace, each.name);
    });
    return read_policy_files(names, std::move(of_cluster));
}

std::vector<seen_connection> connections_of(const verification& verification) {
    std::vector<seen_connection> out;
    for (const verified& each : verification.all)
        out.push_back(each.seen);
    return out;
}

void print_report(const verify_report& report, const verify_query& query, bool colour) {
    switch (query.output) {
        case verify_output::text: return print(verify_text(report, {.colour = colour, .all = query.all}));
        case verify_output::json: return print(verify_json(report));
        case verify_output::yaml: return print(verify_yaml(report));
        case verify_output::github: return print(verify_annotations(report));
    }
}

}  // namespace

exit_status run_verify(const parsed_options& options, logger& log) {
    const verify_query query = verify_query_of(options);
    const std::vector<judged_policy> of_cluster = policies_of_cluster(options, log);
    const policy_files_read files = read_beside(query.policies, of_cluster);
    say_problems(files, log);
    std::optional<policy_files_read> base;
    if (!query.base.empty()) base = read_beside(query.base, of_cluster);
    if (base) say_problems(*base, log);
    session_result seen = replay_captures(survey_settings_of(options), query.captures, log);
    verify_report report{.policies = &files.policies,
                         .verification = verify(std::move(seen.connections.all), files.policies,
                                                base ? &base->policies : nullptr, query.judging),
                         .passed_over = seen.connections.passed_over,
                         .flows = seen.counts.flows,
                         .problems = files.problems,
                         .difference = {},
                         .findings = {}};
    if (base) report.difference = compare(base->policies, files.policies, report.verification.all, query.judging);
    if (query.lint) {
        proven_use proven(query.evidence_dir);
        report.findings = lint(files.policies, connections_of(report.verification), proven);
    }
    print_report(report, query, has_colour(STDOUT_FILENO, color_of(options)));
    const bool all_read = files.problems.empty() && (!base || base->problems.empty());
    if (!seen.problem.empty() || !all_read || seen.connections.left_out > 0) return exit_status::fatal;
    return report.is_clean() ? exit_status::success : exit_status::denied;
}

}  // namespace cpg
