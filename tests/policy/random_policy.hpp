// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Random policies for one workload, from few peers and ports, so that two of them overlap. Pure; any thread.

#include <random>
#include <vector>

#include "policy/policy.hpp"

namespace cpg::test {

enum class with_l7 { no, yes };

std::vector<rule_key> random_keys(std::mt19937& random, with_l7 l7);
policy built(const std::vector<rule_key>& keys);
/// Of ports and ICMP types alone.
policy random_policy(std::mt19937& random);
/// The same policy as a person might have written it: other style, quotes, order and key sources, with comments.
std::string handwritten(const policy& policy, std::mt19937& random);

}  // namespace cpg::test
