// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Connections that a policy is about, whether or not anybody made them: for telling what one set of policies opens and
// another does not. Pure.

#include <memory>
#include <span>
#include <vector>

#include "enforce/policy_set.hpp"
#include "request/seen_connections.hpp"

namespace cpg {

struct probes {
    std::vector<seen_connection> all;  ///< sorted, each once
    bool complete = true;              ///< no more than limits::connections were made up
};

/// For each rule that allows: a pod that it selects, each of its peers, and each of its ports at both ends of its
/// range, with pods of `seen` where some are selected, else with pods that have the labels asked for. Requests
/// on a port are not told apart.
probes probes_of(const policy_set& policies, std::span<const seen_connection> seen);

}  // namespace cpg
