// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "evidence/paths.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/digest.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t hash_digits = 12;
constexpr std::size_t most_path_bytes = 64u << 10;

std::optional<fs::path> home() {
    if (const char* const set = std::getenv("HOME"); set && *set) return set;
    const passwd* const user = ::getpwuid(::getuid());
    if (!user || !user->pw_dir || !*user->pw_dir) return std::nullopt;
    return user->pw_dir;
}

bool is_file(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

std::vector<fs::path> entries_of(const fs::path& folder) {
    std::vector<fs::path> out;
    std::error_code error;
    for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error))
        out.push_back(each->path());
    std::ranges::sort(out);
    return out;
}

// Beside namespaces, where the evidence of one output directory was unpacked, there are no folders of others.
bool is_hash(std::string_view name) {
    return name.size() == hash_digits && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::optional<fs::path> default_evidence_dir() {
    const fs::path own = fs::path("cpg") / "evidence";
    // The XDG base directory specification: a relative path is to be ignored.
    if (const char* const set = std::getenv("XDG_CACHE_HOME"); set && *set == '/') return set / own;
    const std::optional<fs::path> base = home();
    if (!base) return std::nullopt;
#ifdef __APPLE__
    return *base / "Library" / "Caches" / own;
#else
    return *base / ".cache" / own;
#endif
}

fs::path cleaned(const fs::path& path) {
    const fs::path out = absolute_path(path).lexically_normal();
    return out.has_filename() ? out : out.parent_path();
}

fs::path evidence_folder(const fs::path& evidence_dir, const fs::path& output_dir) {
    return evidence_dir / sha256_hex(cleaned(output_dir).string()).substr(0, hash_digits);
}

fs::path evidence_path(const fs::path& folder, std::string_view pod_namespace, std::string_view workload) {
    return folder / pod_namespace / (std::string(workload) + ".json");
}

fs::path cluster_health_path(const fs::path& folder) {
    return folder / "cluster-health.json";
}

fs::path output_dir_path(const fs::path& folder) {
    return folder / "output-dir";
}

std::optional<fs::path> output_dir_of(const fs::path& folder) {
    try {
        std::optional<std::string> text = read_file(output_dir_path(folder), most_path_bytes);
        if (!text || !text->ends_with('\n')) return std::nullopt;
        text->pop_back();
        if (evidence_folder({}, *text) != folder.filename()) return std::nullopt;
        return *text;
    } catch (const file_error&) {
        return std::nullopt;
    }
}

std::vector<evidence_name> policies_in(const fs::path& folder) {
    std::vector<evidence_name> out;
    for (const fs::path& below : entries_of(folder)) {
        const std::string pod_namespace = below.filename().string();
        if (!is_dns_label(pod_namespace) || is_hash(pod_namespace)) continue;
        for (const fs::path& file : entries_of(below))
            if (file.extension() == ".json" && is_dns_subdomain(file.stem().string()) && is_file(file))
                out.push_back({pod_namespace, file.stem().string()});
    }
    std::ranges::sort(out);
    return out;
}

std::vector<fs::path> evidence_folders(const fs::path& evidence_dir) {
    std::vector<fs::path> out = entries_of(evidence_dir);
    std::erase_if(out,
                  [](const fs::path& each) { return !is_hash(each.filename().string()) || policies_in(each).empty(); });
    return out;
}

std::vector<fs::path> find_evidence(const fs::path& evidence_dir, std::string_view pod_namespace,
                                    std::string_view workload) {
    std::vector<fs::path> out;
    if (const fs::path direct = evidence_path(evidence_dir, pod_namespace, workload); is_file(direct))
        out.push_back(direct);
    for (const fs::path& each : entries_of(evidence_dir))
        if (fs::path path = evidence_path(each, pod_namespace, workload); is_file(path)) out.push_back(std::move(path));
    std::ranges::sort(out);
    return out;
}

}  // namespace cpg
