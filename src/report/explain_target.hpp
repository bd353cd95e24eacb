// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From what a person names, `namespace/workload` or a policy file, to the evidence of that policy. Only reads; any
// thread.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "evidence/document.hpp"

namespace cpg {

struct explain_query {
    std::string target;
    std::filesystem::path output_dir;
    bool output_dir_given = false;  ///< then it counts for a policy file, too, in place of where the file lies
    std::filesystem::path evidence_dir;
    bool evidence_dir_given = false;  ///< then an archive of other output directories, or of one, is searched, too
};

/// Where a policy may have its evidence.
struct policy_place {
    std::filesystem::path output_dir;
    std::string pod_namespace;
    std::string workload;

    bool operator==(const policy_place&) const = default;
};

struct found_evidence {
    evidence_document what;
    std::filesystem::path path;
    bool of_other_output_dir = false;
};

/// Throws usage_error for a target that is neither. Touches nothing.
void check_target(const std::string& target);

/// The likeliest first. Throws fatal_error for a file that can't be read or that is no policy of cpg's.
std::vector<policy_place> places_of(const explain_query& query);

/// Throws fatal_error that says where it looked and what to run; `program` is the name in that.
found_evidence find_evidence(const explain_query& query, const std::string& program);

}  // namespace cpg
