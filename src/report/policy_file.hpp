// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The policies of a file, for comparing them with their evidence. Only reads; any thread.

#include <filesystem>
#include <string>
#include <string_view>

#include "policy/tree.hpp"
#include "policy/yaml.hpp"

namespace cpg {

/// The CiliumNetworkPolicies of the file, whoever wrote them. Throws fatal_error for a file that can't be read or has
/// none.
yaml_file read_policies(const std::filesystem::path& path);

/// Those of the file that has this workload's policy, by its own name or, in whatever file of the folder it stands, by
/// the policy's. Nothing when there is none that can be read.
yaml_file find_policies(const std::filesystem::path& output_dir, std::string_view pod_namespace,
                        std::string_view workload);

}  // namespace cpg
