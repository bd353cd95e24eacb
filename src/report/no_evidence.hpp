// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a person is told who asked for evidence that is not there: near names, where it was looked for, which other
// output directories have some, and what to run. Reads folders; any thread.

#include <filesystem>
#include <string>
#include <vector>

#include "report/explain_target.hpp"

namespace cpg {

struct missing_evidence {
    std::string asked;                              ///< as it was typed; empty for all workloads
    std::vector<policy_place> places;               ///< at least one, for its output directory; names for near ones
    std::vector<std::filesystem::path> looked_for;  ///< files or folders
    std::vector<std::filesystem::path> others;      ///< folders of other output directories that have it
    std::filesystem::path evidence_dir;
    std::string program;
};

std::string no_evidence_text(const missing_evidence& missing);

/// The evidence_folder() of each of these files, without doubles.
std::vector<std::filesystem::path> folders_of(const std::vector<std::filesystem::path>& files);

}  // namespace cpg
