// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Where evidence lies: `<evidence-dir>/<hash of the output directory>/<namespace>/<workload>.json`, and beside it the
// cluster health. Reads the environment and folders, writes nothing; any thread.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cpg {

/// `$XDG_CACHE_HOME/cpg/evidence`, else `~/.cache/cpg/evidence` (macOS: `~/Library/Caches/cpg/evidence`); nothing for
/// a user without a home directory.
std::optional<std::filesystem::path> default_evidence_dir();

/// Absolute, without `.`, `..` and a slash at the end; symbolic links are not followed.
std::filesystem::path cleaned(const std::filesystem::path& path);

/// The folder for the evidence of one output directory: the first 12 hex digits of the SHA-256 of its cleaned path.
std::filesystem::path evidence_folder(const std::filesystem::path& evidence_dir,
                                      const std::filesystem::path& output_dir);

// Below an evidence_folder(). Namespace and workload are names that have been checked.
std::filesystem::path evidence_path(const std::filesystem::path& folder, std::string_view pod_namespace,
                                    std::string_view workload);
std::filesystem::path cluster_health_path(const std::filesystem::path& folder);

/// The text file that names the output directory of an evidence_folder(), for a hash tells nobody anything.
std::filesystem::path output_dir_path(const std::filesystem::path& folder);
/// The output directory that the folder's evidence is of. Nothing where that is not known: older evidence, or a folder
/// that was given another name.
std::optional<std::filesystem::path> output_dir_of(const std::filesystem::path& folder);

/// A policy that has a file with evidence.
struct evidence_name {
    std::string pod_namespace;
    std::string workload;

    auto operator<=>(const evidence_name&) const = default;
};

/// Sorted. Only names that a namespace and a workload can have, so they are safe to be shown.
std::vector<evidence_name> policies_in(const std::filesystem::path& folder);
/// The folders below `evidence_dir` that have evidence, sorted.
std::vector<std::filesystem::path> evidence_folders(const std::filesystem::path& evidence_dir);

/// The files with evidence of this policy for any output directory, and directly below `evidence_dir`.
std::vector<std::filesystem::path> find_evidence(const std::filesystem::path& evidence_dir,
                                                 std::string_view pod_namespace, std::string_view workload);

}  // namespace cpg
