// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/explain_target.hpp"

#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "base/text.hpp"
#include "evidence/file.hpp"
#include "evidence/paths.hpp"
#include "policy/document.hpp"
#include "report/no_evidence.hpp"
#include "report/policy_file.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

bool is_policy_file(const std::string& target) {
    return target.ends_with(".yaml") || target.ends_with(".yml");
}

bool is_place(const policy_place& policy_place) {
    return is_dns_label(policy_place.pod_namespace) && is_dns_subdomain(policy_place.workload);
}

policy_place place_in(const fs::path& output_dir, const std::string& target) {
    const std::size_t slash = target.find('/');
    if (slash == std::string::npos) return {};
    return {output_dir, target.substr(0, slash), target.substr(slash + 1)};
}

// The names in the file, for one that was copied to somewhere else or that has the policies of several workloads.
policy_place place_by_metadata(const policy_place& by_path, const tree& policy) {
    const policy_document said(policy);
    const std::string_view named = said.pod_namespace();
    return {by_path.output_dir, named.empty() ? by_path.pod_namespace : std::string(named),
            std::string(said.workload())};
}

void add_place(std::vector<policy_place>& to, policy_place place) {
    if (is_place(place) && std::ranges::find(to, place) == to.end()) to.push_back(std::move(place));
}

fs::path path_for(const explain_query& query, const policy_place& place) {
    return evidence_path(evidence_folder(query.evidence_dir, place.output_dir), place.pod_namespace, place.workload);
}

std::vector<fs::path> elsewhere(const explain_query& query, const std::vector<policy_place>& places) {
    std::vector<fs::path> out;
    for (const policy_place& each : places)
        for (fs::path& path : find_evidence(query.evidence_dir, each.pod_namespace, each.workload))
            if (std::ranges::find(out, path) == out.end()) out.push_back(std::move(path));
    return out;
}

std::optional<found_evidence> found_at(const fs::path& path, const policy_place& place, const explain_target& target) {
    std::optional<evidence_document> what = read_evidence(path);
    if (!what) return std::nullopt;
    // Without a usable file of that name there is nothing to compare with.
    const bool by_name = target.policies.documents.empty() && target.problem.empty();
    yaml_file policies =
        by_name ? find_policies(place.output_dir, place.pod_namespace, place.workload) : target.policies;
    return found_evidence{std::move(*what), path, false, std::move(policies)};
}

std::vector<fs::path> looked_for(const explain_query& query, const std::vector<policy_place>& places) {
    std::vector<fs::path> out;
    for (const policy_place& each : places)
        out.push_back(path_for(query, each));
    return out;
}

}  // namespace

bool is_listing(const std::string& target) {
    return target.empty() || (!is_policy_file(target) && is_dns_label(target));
}

void check_target(const std::string& target) {
    if (is_policy_file(target) || is_place(place_in({}, target)) || is_dns_label(target)) return;
    throw usage_error(json_quote(target) + " is neither a namespace, namespace/workload nor the path of a .yaml file");
}

explain_target target_of(const explain_query& query) {
    explain_target out;
    if (!is_policy_file(query.target)) {
        out.places.push_back(place_in(query.output_dir, query.target));
        return out;
    }
    const fs::path file = cleaned(query.target);
    const fs::path folder = file.parent_path();
    const policy_place by_path = {query.output_dir_given ? query.output_dir : folder.parent_path(),
                                  folder.filename().string(), file.stem().string()};
    add_place(out.places, by_path);
    try {
        out.policies = read_policies(file);
    } catch (const fatal_error& error) {
        out.problem = error.what();
    }
    for (const tree& each : out.policies.documents)
        add_place(out.places, place_by_metadata(by_path, each));
    if (!out.places.empty()) return out;
    throw fatal_error(out.problem.empty()
                          ? file.string() + " is neither in a folder named after a namespace nor names one itself"
                          : out.problem);
}

found_evidence find_evidence(const explain_query& query, const std::string& program) {
    const explain_target target = target_of(query);
    try {
        for (const policy_place& each : target.places)
            if (auto found = found_at(path_for(query, each), each, target)) return std::move(*found);
        const std::vector<fs::path> others = elsewhere(query, target.places);
        if (query.evidence_dir_given && others.size() == 1)
            if (auto found = found_at(others[0], target.places[0], target)) {
                found->of_other_output_dir = true;
                return std::move(*found);
            }
        if (!target.problem.empty()) throw fatal_error(target.problem);
        throw fatal_error(no_evidence_text({.asked = query.target,
                                            .places = target.places,
                                            .looked_for = looked_for(query, target.places),
                                            .others = folders_of(others),
                                            .evidence_dir = query.evidence_dir,
                                            .program = program}));
    } catch (const evidence_error& error) {
        throw fatal_error(error.what());
    }
}

}  // namespace cpg
