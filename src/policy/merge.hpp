// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Adds what a policy lacks to the file that a person may have edited. What stands there stays: comments, unknown
// fields, deny rules, `specs`, other documents. Nothing that the file allowed is narrowed or removed. Pure; any thread.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/policy.hpp"
#include "policy/policy_text.hpp"

namespace cpg {

enum class merge_status {
    unchanged,  ///< the file allows all of it already
    changed,
    name_taken,  ///< the file is cpg's policy of another workload that has the same plain name
    refused,     ///< no YAML, no CiliumNetworkPolicy, of another workload, or not safe to add to
};

struct merge_result {
    merge_status status = merge_status::unchanged;
    std::string text = {};                   ///< the new text, with `changed`
    std::string problem = {};                ///< with `refused`: what is wrong with the file
    std::vector<std::string> warnings = {};  ///< what was left out on purpose

    static merge_result name_taken() { return {.status = merge_status::name_taken}; }
    static merge_result refused(std::string problem) {
        return {.status = merge_status::refused, .problem = std::move(problem)};
    }
};

/// `is_taken` says which names of further parts other workloads have, where the policy is too large for one document.
merge_result merge_policy(
    std::string_view existing, const policy& wanted,
    const name_check& is_taken = [](std::string_view) { return false; });

}  // namespace cpg
