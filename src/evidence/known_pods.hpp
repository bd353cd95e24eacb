// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The pods that flows showed, whatever became of them: for telling whom a rule takes in beside those that asked for it.
// One file beside the evidence of an output directory. Any thread.

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "base/folder.hpp"
#include "flow/labels.hpp"

namespace cpg {

/// Pods that Cilium does not tell apart.
struct known_pod {
    std::string pod_namespace;
    std::string cluster;  ///< empty: not known
    selector labels;      ///< see pod_labels()

    auto operator<=>(const known_pod&) const = default;
};

/// Those first in order, where there are more than limits::workloads.
using known_pods = std::set<known_pod>;

/// Below an evidence_folder(): no namespace has a name with a dot.
std::filesystem::path known_pods_path(const std::filesystem::path& folder);

std::string known_pods_json(const known_pods& pods);
/// Throws evidence_error for text that is damaged.
known_pods parse_known_pods(std::string_view text);

/// None when there is no such file. Throws evidence_error that names the file and the command that clears it.
known_pods read_known_pods(const std::filesystem::path& folder);
/// Adds to what is there. Throws evidence_error and file_error.
void add_known_pods(folder& to, const known_pods& added);

}  // namespace cpg
