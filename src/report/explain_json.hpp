// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Evidence for scripts: `{"policy", "sessions", "matched_rules"}`, the members as they are in the evidence file, and
// what comparing it with the policy's file has shown. Pure; any thread.

#include <string>
#include <vector>

#include "evidence/document.hpp"
#include "report/also_opened.hpp"
#include "report/policy_check.hpp"
#include "report/workload_list.hpp"

namespace cpg {

/// The document has only the rules to be shown, each with at most `most_samples`. With a check that knows the policy
/// there is `rules_without_evidence`, and rules that are gone have `"in_policy": false`.
std::string explain_json(const evidence_document& document, std::size_t most_samples, const policy_check& check = {},
                         const opened_by_rule& opened = {});
std::string explain_yaml(const evidence_document& document, std::size_t most_samples, const policy_check& check = {},
                         const opened_by_rule& opened = {});

/// `{"workloads": [{"namespace", "workload", "rules", "last_seen"}]}`
std::string workloads_json(const std::vector<listed_workload>& workloads);
std::string workloads_yaml(const std::vector<listed_workload>& workloads);

}  // namespace cpg
