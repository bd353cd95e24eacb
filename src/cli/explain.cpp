// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <unistd.h>

#include "base/print.hpp"
#include "cli/check_options.hpp"
#include "cli/commands.hpp"
#include "cli/explain_flags.hpp"
#include "cli/session_flags.hpp"
#include "report/also_opened.hpp"
#include "report/explain_json.hpp"
#include "report/explain_text.hpp"
#include "report/policy_check.hpp"
#include "report/workload_list.hpp"

namespace cpg {

namespace {

evidence_document matched(const evidence_document& document, const rule_filter& filter) {
    evidence_document out = document;
    std::erase_if(out.rules, [&](const auto& each) { return !filter.matches(each.second); });
    return out;
}

std::vector<std::string> keys_of(const evidence_document& document) {
    std::vector<std::string> out;
    for (const auto& [key, rule] : document.rules)
        out.push_back(key);
    return out;
}

// A rule in another form has neither peer nor port to filter by.
bool is_shown(const unproven_rule& rule, const rule_filter& filter) {
    if (!rule.key) return filter.is_direction_only() && filter.direction.value_or(rule.direction) == rule.direction;
    evidence_rule never_seen;
    never_seen.what = *rule.key;
    return filter.matches(never_seen);
}

policy_check check_of(const found_evidence& found, const rule_filter& filter) {
    policy_check out = check_policy(found.policies, found.what);
    std::erase_if(out.unproven, [&](const unproven_rule& each) { return !is_shown(each, filter); });
    return out;
}

struct explain_format {
    std::string name;  ///< `text`, `json` or `yaml`
    bool colour = false;
    std::size_t most_samples = 0;
};

// Beside the evidence of its policy stand the pods that are known.
opened_by_rule opened_beside(const found_evidence& found, const evidence_document& shown, logger& log) {
    if (found.policies.documents.empty()) return {};
    try {
        return also_opened_by(found.policies, shown, read_known_pods(found.path.parent_path().parent_path()));
    } catch (const evidence_error& error) {
        log.warn("what else the rules open is not told", {{"problem", error.what()}});
        return {};
    }
}

void print_text(const evidence_document& document, const evidence_document& shown, const policy_check& check,
                const opened_by_rule& opened, const explain_format& format) {
    const explain_style style = {.colour = format.colour, .most_samples = format.most_samples};
    print(explain_text(document, shown, style, check, opened));
    if (shown.rules.empty()) print("\nNo rule matches the filters. The rules there are:\n" + rule_list(document));
    print(unproven_text(check, style));
}

void print_policy(const explain_query& query, const rule_filter& filter, const explain_format& format,
                  const std::string& program, logger& log) {
    const found_evidence found = find_evidence(query, program);
    if (found.of_other_output_dir)
        log.info("this is the evidence of another output directory", {{"path", found.path.string()}});
    const evidence_document shown = matched(found.what, filter);
    const policy_check check = check_of(found, filter);
    const auto opened = opened_beside(found, shown, log);
    if (format.name == "text") return print_text(found.what, shown, check, opened, format);
    print(format.name == "json" ? explain_json(shown, format.most_samples, check, opened)
                                : explain_yaml(shown, format.most_samples, check, opened));
    if (shown.rules.empty()) log.warn("no rule matches the filters", {{"rules", keys_of(found.what)}});
}

void print_workloads(const explain_query& query, const rule_filter& filter, const std::string& format,
                     const std::string& program, logger& log) {
    const workload_list list = list_workloads(query, filter, program);
    if (list.of_other_output_dir)
        log.info("this is the evidence of another output directory", {{"path", list.folder.string()}});
    for (const std::string& each : list.problems)
        log.warn("evidence that can't be read", {{"problem", each}});
    if (list.workloads.empty()) log.warn("no rule matches the filters");
    if (format == "text")
        print(list.workloads.empty() ? "" : workloads_text(list.workloads));
    else
        print(format == "json" ? workloads_json(list.workloads) : workloads_yaml(list.workloads));
}

}  // namespace

exit_status run_explain(const parsed_options& options, logger& log) {
    const explain_format format = {.name = format_of(options),
                                   .colour = has_colour(STDOUT_FILENO, color_of(options)),
                                   .most_samples = count_of(options, "samples-limit")};
    const rule_filter filter = filter_of(options);
    const explain_query query = query_of(options);
    if (is_listing(query.target))
        print_workloads(query, filter, format.name, options.program, log);
    else
        print_policy(query, filter, format, options.program, log);
    return exit_status::success;
}

}  // namespace cpg
