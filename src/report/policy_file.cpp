// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/policy_file.hpp"

#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "base/files.hpp"
#include "policy/document.hpp"
#include "policy/policy_text.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

std::string_view name_of(const tree& policy) {
    return policy_document(policy).name();
}

yaml_file policies_or_none(const fs::path& path) {
    try {
        return read_policies(path);
    } catch (const fatal_error&) {
        return {};
    }
}

// Sorted, so that the answer does not depend on the file system.
std::vector<fs::path> yaml_files(const fs::path& folder) {
    std::vector<fs::path> out;
    std::error_code error;
    for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error))
        if (each->path().extension() == ".yaml" || each->path().extension() == ".yml") out.push_back(each->path());
    std::ranges::sort(out);
    return out;
}

// Only a file with the name in it is worth the parsing.
bool mentions(const fs::path& path, const std::string& name) {
    try {
        const std::optional<std::string> text = read_file(path, most_policy_bytes);
        return text && text->find(name) != std::string::npos;
    } catch (const file_error&) {
        return false;
    }
}

}  // namespace

yaml_file read_policies(const fs::path& path) {
    try {
        const std::optional<std::string> text = read_file(path, most_policy_bytes);
        if (!text) throw fatal_error("there is no file " + path.string());
        yaml_file out = read_yaml(*text);
        std::erase_if(out.documents, [](const tree& each) { return each.text_of("kind") != "CiliumNetworkPolicy"; });
        if (out.documents.empty()) throw fatal_error(path.string() + " has no CiliumNetworkPolicy");
        return out;
    } catch (const file_error& error) {
        throw fatal_error(error.what());
    } catch (const yaml_error& error) {
        throw fatal_error(path.string() + " is no YAML: " + error.what());
    }
}

yaml_file find_policies(const fs::path& output_dir, std::string_view pod_namespace, std::string_view workload) {
    const fs::path folder = output_dir / pod_namespace;
    const std::string file = std::string(workload) + ".yaml";
    std::error_code ignored;
    if (fs::exists(folder / file, ignored)) return policies_or_none(folder / file);
    const std::string name = std::string(policy_name_prefix) + std::string(workload);
    for (const fs::path& each : yaml_files(folder)) {
        if (!mentions(each, name)) continue;
        yaml_file policies = policies_or_none(each);
        if (std::ranges::find(policies.documents, name, name_of) != policies.documents.end()) return policies;
    }
    return {};
}

}  // namespace cpg
