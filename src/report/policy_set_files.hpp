// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Policies of files and folders, for asking them about connections. Only reads; any thread.

#include <span>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "enforce/policy_set.hpp"

namespace cpg {

struct policy_files_read {
    policy_set policies;
    std::size_t files = 0;
    std::vector<std::string> problems;  ///< files that can't be read or are no YAML, each with why
};

/// Folders are gone through recursively for .yaml, .yml and .json, names sorted; hidden folders are left out. Throws
/// fatal_error for an argument that can't be found and where no file has a policy.
policy_files_read read_policy_files(std::span<const std::string> arguments);

/// The same with further policies, as a cluster lists them: JSON or YAML.
policy_files_read read_policy_files(std::span<const std::string> arguments, std::vector<judged_policy> further);

/// Those of one text, as of an API server; what can't be read is warned about and left out.
std::vector<judged_policy> read_policy_text(const std::string& place, std::string_view text, logger& log);

}  // namespace cpg
