// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which workloads have evidence: of an output directory, or of one namespace in it. Only reads; any thread.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "evidence/paths.hpp"
#include "report/explain_target.hpp"
#include "report/rule_filter.hpp"

namespace cpg {

struct listed_workload {
    evidence_name name;
    std::size_t rules = 0;          ///< that pass the filter
    std::int64_t last_seen_ns = 0;  ///< of those; 0: not known
};

struct workload_list {
    std::filesystem::path folder;  ///< of the evidence
    bool of_other_output_dir = false;
    std::vector<listed_workload> workloads;  ///< sorted; those with rules that pass the filter
    std::vector<std::string> problems;       ///< files that could not be read, a sentence each
};

/// Throws fatal_error that says where it looked and what to run when nothing has evidence.
workload_list list_workloads(const explain_query& query, const rule_filter& filter, const std::string& program);

/// One line a workload, aligned.
std::string workloads_text(const std::vector<listed_workload>& workloads);

}  // namespace cpg
