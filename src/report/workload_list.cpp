// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/workload_list.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"
#include "evidence/file.hpp"
#include "report/local_zone.hpp"
#include "report/no_evidence.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

std::vector<evidence_name> asked_for(const explain_query& query, const fs::path& folder) {
    std::vector<evidence_name> out = policies_in(folder);
    if (!query.target.empty())
        std::erase_if(out, [&](const evidence_name& each) { return each.pod_namespace != query.target; });
    return out;
}

// Folders of other output directories that have what is asked for; an archive may be the evidence of one itself.
std::vector<fs::path> others(const explain_query& query) {
    std::vector<fs::path> out = evidence_folders(query.evidence_dir);
    out.insert(out.begin(), query.evidence_dir);
    std::erase_if(out, [&](const fs::path& each) { return asked_for(query, each).empty(); });
    return out;
}

listed_workload read_one(const evidence_document& document, const evidence_name& name, const rule_filter& filter) {
    listed_workload out{.name = name};
    for (const auto& [key, rule] : document.rules) {
        if (!filter.matches(rule)) continue;
        ++out.rules;
        out.last_seen_ns = std::max(out.last_seen_ns, rule.last_seen_ns);
    }
    return out;
}

void read_all(workload_list& to, const std::vector<evidence_name>& names, const rule_filter& filter) {
    for (const evidence_name& each : names) {
        try {
            const auto document = read_evidence(evidence_path(to.folder, each.pod_namespace, each.workload));
            if (!document) continue;
            listed_workload one = read_one(*document, each, filter);
            if (one.rules > 0) to.workloads.push_back(std::move(one));
        } catch (const evidence_error& error) {
            to.problems.emplace_back(error.what());
        }
    }
}

[[noreturn]] void nothing_found(const explain_query& query, const fs::path& folder, std::vector<fs::path> elsewhere,
                                const std::string& program) {
    throw fatal_error(no_evidence_text({.asked = query.target.empty() ? "" : "namespace " + query.target,
                                        .places = {{query.output_dir, query.target, ""}},
                                        .looked_for = {query.target.empty() ? folder : folder / query.target},
                                        .others = std::move(elsewhere),
                                        .evidence_dir = query.evidence_dir,
                                        .program = program}));
}

}  // namespace

workload_list list_workloads(const explain_query& query, const rule_filter& filter, const std::string& program) {
    workload_list out;
    out.folder = evidence_folder(query.evidence_dir, query.output_dir);
    if (asked_for(query, out.folder).empty()) {
        std::vector<fs::path> elsewhere = others(query);
        if (!query.evidence_dir_given || elsewhere.size() != 1)
            nothing_found(query, out.folder, std::move(elsewhere), program);
        out.folder = elsewhere.front();
        out.of_other_output_dir = true;
    }
    read_all(out, asked_for(query, out.folder), filter);
    return out;
}

std::string workloads_text(const std::vector<listed_workload>& workloads) {
    std::size_t width = 0;
    std::int64_t latest = 0;
    for (const listed_workload& each : workloads) {
        width = std::max(width, each.name.pod_namespace.size() + each.name.workload.size() + 1);
        latest = std::max(latest, each.last_seen_ns);
    }
    const local_zone zone(latest);
    std::string out = "Times: " + zone.name() + "\n\n";
    for (const listed_workload& each : workloads) {
        std::string name = each.name.pod_namespace + "/" + each.name.workload;
        name.resize(width, ' ');
        const std::string count = std::to_string(each.rules);
        out += printable(name) + "  " + std::string(count.size() < 4 ? 4 - count.size() : 0, ' ') + count +
               (each.rules == 1 ? " rule " : " rules") + "  last seen " + zone.full(each.last_seen_ns) + "\n";
    }
    return out;
}

}  // namespace cpg
