// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A policy file beside its evidence: which rules with evidence are no longer in the file, and which rules of the file
// have none. What a person widened or a filter covers is still there. Pure; any thread.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "evidence/document.hpp"
#include "policy/yaml.hpp"

namespace cpg {

struct unproven_rule {
    cpg::direction direction = cpg::direction::unknown;
    std::optional<rule_key> key;  ///< nothing for a rule in a form that cpg does not write
    std::size_t line = 0;         ///< in the file, from 1

    bool operator==(const unproven_rule&) const = default;
};

struct policy_check {
    bool known = false;                   ///< there was a file to compare with
    std::set<std::string> gone;           ///< keys of the evidence
    std::vector<unproven_rule> unproven;  ///< in the file's order
};

/// `policies` are the documents of the policy's file. Specs that have nothing to do with the evidence, where others
/// have, are other workloads' and are not asked for evidence.
policy_check check_policy(const yaml_file& policies, const evidence_document& evidence);

}  // namespace cpg
