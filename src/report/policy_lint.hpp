// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What is wrong with policies, or needless, whatever it does to the flows: told beside a verification. Pure.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "enforce/decide.hpp"
#include "report/proven_use.hpp"
#include "request/seen_connections.hpp"

namespace cpg {

enum class lint_kind : std::uint8_t {
    unused,     ///< no connection that was seen is let through by it
    covered,    ///< another rule lets through all that it does
    duplicate,  ///< another rule says the same
    wide,       ///< opens more ports or addresses than were seen
    remark,     ///< taken, and yet not what was meant
    doubtful,   ///< it is not certain that Cilium takes it
    large,      ///< over a limit of kubectl or etcd
};
/// `unused`, …
std::string_view to_string(lint_kind kind);

struct lint_finding {
    lint_kind kind{};
    const judged_policy* policy = nullptr;
    std::size_t line = 0;  ///< from 1
    std::string text;
};

/// By policy and line. What `proven` has evidence of counts as seen.
std::vector<lint_finding> lint(const policy_set& policies, std::span<const seen_connection> seen, proven_use& proven);

}  // namespace cpg
