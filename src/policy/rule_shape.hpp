// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// How rules are written, by the user's choice; the same for all policies of a session. A value; any thread.

#include "policy/prefixes.hpp"

namespace cpg {

struct rule_shape {
    bool collapse_paths = false;   ///< one pattern for paths that differ in a number and the like
    bool port_ranges = false;      ///< runs of ports as `endPort`
    address_limit addresses = {};  ///< prefixes for many addresses

    bool operator==(const rule_shape&) const = default;
};

/// Fewest consecutive ports that are written as a range.
inline constexpr int least_range = 4;

}  // namespace cpg
