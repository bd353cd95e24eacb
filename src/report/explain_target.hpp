// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From what a person names, `namespace/workload` or a policy file, to the evidence of that policy, and to the policy
// itself where it is found. Only reads; any thread.

#include <filesystem>
#include <string>
#include <vector>

#include "evidence/document.hpp"
#include "policy/yaml.hpp"

namespace cpg {

struct explain_query {
    std::string target;  ///< empty: all workloads
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

/// What a target stands for.
struct explain_target {
    std::vector<policy_place> places;  ///< the likeliest first
    yaml_file policies;                ///< of a file that was named
    std::string problem;               ///< why that file could not be used
};

struct found_evidence {
    evidence_document what;
    std::filesystem::path path;
    bool of_other_output_dir = false;
    yaml_file policies;  ///< of the policy's file; none where it is not known
};

/// Throws usage_error for a target that is neither a policy, a policy file nor a namespace. Touches nothing.
void check_target(const std::string& target);

/// True for a namespace, and for no target at all.
bool is_listing(const std::string& target);

/// Of a target that is no listing. Throws fatal_error for a file that neither lies where a policy would nor names one.
explain_target target_of(const explain_query& query);

/// Throws fatal_error that says where it looked and what to run; `program` is the name in that.
found_evidence find_evidence(const explain_query& query, const std::string& program);

}  // namespace cpg
