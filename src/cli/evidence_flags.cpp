// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/evidence_flags.hpp"

#include "base/error.hpp"
#include "base/url.hpp"
#include "cli/check_options.hpp"
#include "cli/session_flags.hpp"
#include "cli/version.hpp"
#include "evidence/paths.hpp"

namespace cpg {

namespace {

std::string files_of(const parsed_options& options) {
    if (options.has("loki")) return without_userinfo(options.text("loki"));
    const std::vector<std::string>& files = captures_of(options);
    return files[0] + (files.size() > 1 ? " and " + std::to_string(files.size() - 1) + " more" : "");
}

evidence_source source_of(const parsed_options& options) {
    // Of parts, the files are known when they are read.
    if (options.command->scope == in_combine) return {.type = "replay", .file = {}, .server = {}};
    if (options.command->scope == in_replay) return {.type = "replay", .file = files_of(options), .server = {}};
    return {.type = "live", .file = {}, .server = options.text("server")};
}

}  // namespace

std::optional<std::filesystem::path> evidence_dir_of(const parsed_options& options) {
    if (!options.has("evidence-dir")) return default_evidence_dir();
    return cleaned(options.text("evidence-dir"));
}

std::optional<evidence_settings> evidence_settings_of(const parsed_options& options,
                                                      const std::filesystem::path& output_dir, logger& log) {
    const evidence_limits limits = {.samples = count_of(options, "evidence-samples"),
                                    .sessions = count_of(options, "evidence-sessions")};
    const std::optional<std::filesystem::path> dir = evidence_dir_of(options);
    if (options.is_on("no-evidence")) return std::nullopt;
    if (!dir) {
        log.warn("no evidence is kept: there is no home directory; name a folder with --evidence-dir");
        return std::nullopt;
    }
    return evidence_settings{.folder = evidence_folder(*dir, output_dir),
                             .output_dir = cleaned(output_dir),
                             .limits = limits,
                             .cpg_version = version,
                             .source = source_of(options),
                             .required = options.has("evidence-dir")};
}

}  // namespace cpg
