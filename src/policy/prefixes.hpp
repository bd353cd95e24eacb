// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Many addresses outside the cluster as few prefixes. Pure; any thread.

#include <cstddef>
#include <string>
#include <vector>

#include "flow/address.hpp"

namespace cpg {

/// How addresses are put together.
struct address_limit {
    std::size_t most_addresses = 0;  ///< of a rule, before they are; 0: never
    unsigned shortest_v4 = 24;       ///< bits of the widest prefix
    unsigned shortest_v6 = 64;
    bool privates = false;  ///< those of private networks too

    bool operator==(const address_limit&) const = default;
};

/// True for addresses that networks give themselves (RFC 1918, 4193, 6598 and the like): pods, nodes, the cluster.
bool is_private(const address& address);

/// The fewest prefixes not shorter than the limit that cover the CIDRs, each as narrow as it can be; sorted by number.
/// What is shorter already stays. `most_addresses` is not looked at.
std::vector<std::string> covering_prefixes(const std::vector<std::string>& cidrs, const address_limit& limit);

/// Without those that others hold; the order stays.
std::vector<std::string> without_held(std::vector<std::string> cidrs);

/// How many addresses they hold together, for people: `300`, `2^64`.
std::string address_count(const std::vector<std::string>& cidrs);

/// True for a prefix that is no single address.
bool is_wide(const std::string& cidr);

}  // namespace cpg
