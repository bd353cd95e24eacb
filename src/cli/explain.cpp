// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "base/error.hpp"
#include "cli/commands.hpp"
#include "cli/explain_flags.hpp"
#include "cli/session_flags.hpp"
#include "report/explain_json.hpp"
#include "report/explain_text.hpp"

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

bool stdout_has_colour() {
    const char* const no_colour = std::getenv("NO_COLOR");
    return ::isatty(STDOUT_FILENO) && !(no_colour && *no_colour);
}

void print_text(const evidence_document& document, const evidence_document& shown, std::size_t most_samples) {
    std::cout << explain_text(document, shown, {.colour = stdout_has_colour(), .most_samples = most_samples});
    if (!shown.rules.empty()) return;
    std::cout << "\nNo rule matches the filters. The rules there are:\n" << rule_list(document);
}

}  // namespace

exit_status run_explain(const parsed_options& options, const std::string& program, logger& log) {
    const std::string format = format_of(options);
    const rule_filter filter = filter_of(options);
    const std::size_t most_samples = count_of(options, "samples-limit", 0);
    const explain_query query = query_of(options);
    const found_evidence found = find_evidence(query, program);
    if (found.of_other_output_dir)
        log.info("this is the evidence of another output directory", {{"path", found.path.string()}});
    const evidence_document shown = matched(found.what, filter);
    if (format == "text")
        print_text(found.what, shown, most_samples);
    else
        std::cout << (format == "json" ? explain_json(shown, most_samples) : explain_yaml(shown, most_samples));
    if (format != "text" && shown.rules.empty())
        log.warn("no rule matches the filters", {{"rules", keys_of(found.what)}});
    std::cout.flush();
    if (!std::cout) throw fatal_error("standard output could not be written");
    return exit_status::success;
}

}  // namespace cpg
