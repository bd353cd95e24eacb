// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// All that verify reports. Refers to the policies, which must outlive it. Values; any thread.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "report/policy_difference.hpp"
#include "report/policy_lint.hpp"
#include "report/verification.hpp"

namespace cpg {

struct verify_report {
    const policy_set* policies = nullptr;
    cpg::verification verification;
    std::array<std::uint64_t, shows_nothing_reasons> passed_over{};
    std::uint64_t flows = 0;                      ///< read
    std::vector<std::string> problems;            ///< files of policies that could not be read
    std::optional<policy_difference> difference;  ///< from the policies to compare with

    std::optional<std::vector<lint_finding>> findings;  ///< of --lint

    /// Nothing is left denied, nothing breaks, and Cilium takes every policy.
    bool is_clean() const;
};

}  // namespace cpg
