// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "evidence/paths.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/digest.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t hash_digits = 12;

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
    const fs::path out = fs::absolute(path).lexically_normal();
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

std::vector<fs::path> find_evidence(const fs::path& evidence_dir, std::string_view pod_namespace,
                                    std::string_view workload) {
    std::vector<fs::path> out;
    if (const fs::path direct = evidence_path(evidence_dir, pod_namespace, workload); is_file(direct))
        out.push_back(direct);
    std::error_code error;
    for (fs::directory_iterator each(evidence_dir, error), end; !error && each != end; each.increment(error))
        if (const fs::path path = evidence_path(each->path(), pod_namespace, workload); is_file(path))
            out.push_back(path);
    std::ranges::sort(out);
    return out;
}

}  // namespace cpg
