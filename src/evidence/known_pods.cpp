// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "evidence/known_pods.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "base/files.hpp"
#include "base/keep_first.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "evidence/file.hpp"
#include "evidence/json_members.hpp"
#include "evidence/json_text.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

json::object pod_json(const known_pod& pod) {
    json::object out{{"namespace", pod.pod_namespace}};
    if (!pod.cluster.empty()) out["cluster"] = pod.cluster;
    out["labels"] = labels_json(pod.labels);
    return out;
}

known_pods parse_at(const fs::path& path, const std::string& text) {
    try {
        return parse_known_pods(text);
    } catch (const evidence_error& error) {
        throw evidence_error(path.string() + ": " + error.what() + "; clear it with: rm " + shell_quote(path.string()));
    }
}

}  // namespace

fs::path known_pods_path(const fs::path& folder) {
    return folder / "pods.json";
}

std::string known_pods_json(const known_pods& pods) {
    std::string out = "{\n  \"schema_version\": " + std::to_string(evidence_schema_version) + ",\n  \"pods\": [";
    std::string_view separator = "\n    ";
    for (const known_pod& each : pods) {
        out += separator;
        append_pretty_json(out, pod_json(each), 4);
        separator = ",\n    ";
    }
    return out += pods.empty() ? "]\n}\n" : "\n  ]\n}\n";
}

known_pods parse_known_pods(std::string_view text) {
    json::error_code error;
    const json::value value = json::parse(text, error);
    if (error) throw evidence_error("it is damaged: no JSON: " + error.message());
    known_pods out;
    members::read_list(members::object_of(value, "the document"), "pods", [&](const json::value& each) {
        const json::object& pod = members::object_of(each, "pod");
        out.insert({.pod_namespace = members::text_of(pod, "namespace"),
                    .cluster = members::text_of(pod, "cluster"),
                    .labels = members::labels_of(pod)});
    });
    return out;
}

known_pods read_known_pods(const fs::path& folder) {
    const fs::path path = known_pods_path(folder);
    try {
        const std::optional<std::string> text = read_file(path, most_evidence_bytes);
        return text && !text->empty() ? parse_at(path, *text) : known_pods{};
    } catch (const file_error& error) {
        throw evidence_error(error.what());
    }
}

void add_known_pods(folder& to, const known_pods& added) {
    const fs::path below = known_pods_path({});
    const std::optional<std::string> text = read_evidence_text(to, below);
    known_pods all = text ? parse_at(to.shown(below), *text) : known_pods{};
    const std::size_t before = all.size();
    all.insert(added.begin(), added.end());
    if (all.size() == before) return;
    keep_first(all, limits::workloads);
    to.replace(below, known_pods_json(all), durability::lost_in_a_crash);
}

}  // namespace cpg
