// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From rule keys to a policy. Pure: the same keys make the same policy. Any thread.

#include <string>
#include <vector>

#include "policy/policy.hpp"

namespace cpg {

/// One rule a peer and direction. The policy is empty when there are no keys; an empty one is never written.
policy build_policy(std::string pod_namespace, std::string workload, selector endpoint_selector,
                    const std::vector<rule_key>& keys);

}  // namespace cpg
