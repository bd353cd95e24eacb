// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/no_evidence.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "evidence/paths.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_named = 3;

// `a, b and c`; with `all` larger `a, b, c and 2 more`.
std::string listed(std::vector<std::string> names, std::string_view last, std::size_t all) {
    if (all > names.size()) names.push_back(std::to_string(all - names.size()) + " more");
    if (names.size() < 2) return names.empty() ? "" : names[0];
    const std::string end = " " + std::string(last) + " " + names.back();
    names.pop_back();
    return join(names, ", ") + end;
}

std::string texts_of(const std::vector<fs::path>& paths) {
    std::vector<std::string> out;
    for (const fs::path& each : paths)
        out.push_back(each.string());
    return listed(out, "and", out.size());
}

std::string others_text(const std::vector<fs::path>& folders) {
    if (folders.empty()) return {};
    std::vector<std::string> names;
    bool all_known = true;
    for (const fs::path& each : folders) {
        const std::optional<fs::path> output_dir = output_dir_of(each);
        all_known &= output_dir.has_value();
        if (names.size() < most_named) names.push_back(output_dir.value_or(each).string());
    }
    return "; there is evidence for other output directories: " + listed(names, "and", folders.size()) +
           ": name one with --output-dir" + (all_known ? "" : ", or a folder of evidence with --evidence-dir");
}

// The same workload in other namespaces first: that is no question of spelling.
std::vector<std::string> near(const policy_place& place, const std::vector<evidence_name>& known) {
    std::vector<std::string> out;
    std::vector<std::string> all;
    for (const evidence_name& each : known) {
        all.push_back(each.pod_namespace + "/" + each.workload);
        if (each.workload == place.workload) out.push_back(all.back());
    }
    const std::vector<std::string_view> candidates(all.begin(), all.end());
    for (std::string& each : near_names(place.pod_namespace + "/" + place.workload, candidates, most_named))
        if (std::ranges::find(out, each) == out.end()) out.push_back(std::move(each));
    return out;
}

std::vector<std::string> near_namespaces(const std::string& asked, const std::vector<evidence_name>& known) {
    std::set<std::string_view> names;
    for (const evidence_name& each : known)
        names.insert(each.pod_namespace);
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    return near_names(asked, candidates, most_named);
}

std::string did_you_mean(const missing_evidence& missing) {
    const policy_place& place = missing.places.front();
    const std::vector<evidence_name> known = policies_in(evidence_folder(missing.evidence_dir, place.output_dir));
    std::vector<std::string> names =
        place.workload.empty() ? near_namespaces(place.pod_namespace, known) : near(place, known);
    if (names.size() > most_named) names.resize(most_named);
    return names.empty() ? "" : "; did you mean " + listed(names, "or", names.size()) + "?";
}

}  // namespace

std::string no_evidence_text(const missing_evidence& missing) {
    const std::string dir = missing.places.front().output_dir.string();
    std::string out = "no evidence";
    if (!missing.asked.empty()) out += " for " + missing.asked;
    out += ": looked " + std::string(missing.places.front().workload.empty() ? "in " : "for ");
    return out + texts_of(missing.looked_for) + did_you_mean(missing) + others_text(missing.others) +
           "; evidence is written together with policies: run " + missing.program + " generate --output-dir " + dir +
           ", or " + missing.program + " replay CAPTURE --output-dir " + dir;
}

std::vector<fs::path> folders_of(const std::vector<fs::path>& files) {
    std::set<fs::path> out;
    for (const fs::path& each : files)
        out.insert(each.parent_path().parent_path());
    return {out.begin(), out.end()};
}

}  // namespace cpg
