// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What would happen to the connections that were seen, under given policies. Values; any thread.

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "enforce/decide.hpp"
#include "enforce/nearest.hpp"
#include "request/seen_connections.hpp"

namespace cpg {

/// Worst first.
enum class effect : std::uint8_t {
    breaks,       ///< allowed today, and would be denied
    left_denied,  ///< denied today, and stays so
    unknown,
    mended,   ///< denied today, and would be allowed
    allowed,  ///< and stays so
};
inline constexpr std::size_t effects = 5;
/// `breaks`, `left_denied`, …
std::string_view to_string(effect effect);

struct verified {
    seen_connection seen;
    cpg::decision decision;
    cpg::effect effect = effect::unknown;
    near_miss why;  ///< of what is denied or unknown
    /// Under the policies to compare with, where there are any.
    std::optional<judged_outcome> before;
};

struct verification_settings {
    /// Pods of these namespaces are in default deny, whatever the policies say; without a list, those of every
    /// namespace and direction that a policy is about.
    std::optional<std::set<std::string, std::less<>>> default_deny;
};

struct effect_count {
    std::uint64_t connections = 0;
    std::uint64_t flows = 0;
};

struct verification {
    std::vector<verified> all;  ///< by subject, worst subject first; of one subject worst first
    std::array<effect_count, effects> counts{};

    const effect_count& count(effect effect) const { return counts[static_cast<std::size_t>(effect)]; }
    bool is_clean() const {
        return count(effect::breaks).connections == 0 && count(effect::left_denied).connections == 0;
    }
};

/// Whether the subject is taken to be in default deny, whatever the policies say.
bool is_in_default_deny(const seen_connection& seen, const policy_set& policies, const verification_settings& settings);

/// `base`: the policies to compare with; null without any.
verification verify(std::vector<seen_connection> seen, const policy_set& policies, const policy_set* base,
                    const verification_settings& settings);

}  // namespace cpg
