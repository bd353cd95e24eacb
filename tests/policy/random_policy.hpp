// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Random policies for one workload, from few peers and ports, so that two of them overlap. Pure; any thread.

#include <random>

#include "policy/policy.hpp"

namespace cpg::test {

policy random_policy(std::mt19937& random);
/// The same policy as a person might have written it: other style, quotes, order and key sources, with comments.
std::string handwritten(const policy& policy, std::mt19937& random);

}  // namespace cpg::test
