// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From rule keys to a policy and back. Pure: the same keys make the same policy. Any thread.

#include <map>
#include <string>
#include <vector>

#include "policy/policy.hpp"

namespace cpg {

/// One rule a peer and direction; addresses outside the cluster that share all their ports stand in one. The policy is
/// empty when there are no keys; an empty one is never written.
/// `names` is what is known of DNS servers and the cluster's domains; plain connections to servers among the keys tell
/// of them too. `seen_within` is policy::seen_within of a file that some of the keys are from.
policy build_policy(std::string pod_namespace, std::string workload, selector endpoint_selector,
                    const std::vector<rule_key>& keys, const name_service& names = {}, const rule_shape& shape = {},
                    const std::map<std::string, std::size_t>& seen_within = {});

/// Keys that make the same policy: building from the keys and names of two policies together gives what building from
/// those that both were made of gives, so that parts of a capture add up to the whole.
std::vector<rule_key> keys_of(const policy& policy);

}  // namespace cpg
