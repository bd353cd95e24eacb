// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/explain_target.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "evidence/file.hpp"
#include "evidence/paths.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_policy_bytes = 16u << 20;
constexpr std::string_view name_prefix = "cpg-";

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

// By its name or by its label: either may have been changed by hand.
bool is_cpg_policy(const tree& document) {
    const tree* const metadata = document.find("metadata");
    if (document.text_of("kind") != "CiliumNetworkPolicy" || !metadata) return false;
    const tree* const labels = metadata->find("labels");
    return metadata->text_of("name").starts_with(name_prefix) ||
           (labels && labels->text_of("app.kubernetes.io/managed-by") == "cpg");
}

tree read_policy(const fs::path& path) {
    try {
        const std::optional<std::string> text = read_file(path, most_policy_bytes);
        if (!text) throw fatal_error("there is no file " + path.string());
        for (const tree& document : parse_yaml(*text))
            if (is_cpg_policy(document)) return document;
    } catch (const file_error& error) {
        throw fatal_error(error.what());
    } catch (const yaml_error& error) {
        throw fatal_error(path.string() + " is no YAML: " + error.what());
    }
    throw fatal_error(path.string() +
                      " is not a policy that cpg wrote: it has no CiliumNetworkPolicy with a name that "
                      "begins with " +
                      std::string(name_prefix));
}

// The names in the file, for one that was copied to somewhere else.
policy_place place_by_metadata(const fs::path& output_dir, const tree& policy) {
    const tree* const metadata = policy.find("metadata");
    std::string_view name = metadata->text_of("name");
    if (name.starts_with(name_prefix)) name.remove_prefix(name_prefix.size());
    return {output_dir, std::string(metadata->text_of("namespace")), std::string(name)};
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

std::string joined(const std::vector<fs::path>& paths) {
    std::string out;
    for (const fs::path& each : paths)
        out += (out.empty() ? "" : " and ") + each.string();
    return out;
}

[[noreturn]] void no_evidence(const explain_query& query, const std::vector<policy_place>& places,
                              const std::vector<fs::path>& others, const std::string& program) {
    std::vector<fs::path> looked;
    for (const policy_place& each : places)
        looked.push_back(path_for(query, each));
    std::string out = "no evidence for " + query.target + ": looked for " + joined(looked);
    if (!others.empty())
        out += "; there is evidence for other output directories in " + joined(others) +
               ": name the output directory with --output-dir, or one of those folders with --evidence-dir";
    const std::string dir = places.front().output_dir.string();
    throw fatal_error(out + "; evidence is written together with policies: run " + program + " generate --output-dir " +
                      dir + ", or " + program + " replay CAPTURE --output-dir " + dir);
}

}  // namespace

void check_target(const std::string& target) {
    if (is_policy_file(target) || is_place(place_in({}, target))) return;
    throw usage_error(json_quote(target) + " is neither namespace/workload nor the path of a .yaml file");
}

std::vector<policy_place> places_of(const explain_query& query) {
    if (!is_policy_file(query.target)) return {place_in(query.output_dir, query.target)};
    const fs::path file = cleaned(query.target);
    const tree policy = read_policy(file);
    const fs::path folder = file.parent_path();
    const fs::path output_dir = query.output_dir_given ? query.output_dir : folder.parent_path();
    std::vector<policy_place> out = {{output_dir, folder.filename().string(), file.stem().string()}};
    if (policy_place other = place_by_metadata(output_dir, policy); other != out[0]) out.push_back(std::move(other));
    std::erase_if(out, [](const policy_place& each) { return !is_place(each); });
    if (out.empty())
        throw fatal_error(file.string() + " is neither in a folder named after a namespace nor names one itself");
    return out;
}

found_evidence find_evidence(const explain_query& query, const std::string& program) {
    const std::vector<policy_place> places = places_of(query);
    try {
        for (const policy_place& each : places)
            if (auto found = read_evidence(path_for(query, each)))
                return {std::move(*found), path_for(query, each), false};
        const std::vector<fs::path> others = elsewhere(query, places);
        if (query.evidence_dir_given && others.size() == 1)
            if (auto found = read_evidence(others[0])) return {std::move(*found), others[0], true};
        no_evidence(query, places, others, program);
    } catch (const evidence_error& error) {
        throw fatal_error(error.what());
    }
}

}  // namespace cpg
