// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/judged_policy.hpp"

namespace cpg {

std::string_view to_string(policy_kind kind) {
    switch (kind) {
        case policy_kind::cilium: return "CiliumNetworkPolicy";
        case policy_kind::cilium_clusterwide: return "CiliumClusterwideNetworkPolicy";
        case policy_kind::kubernetes: return "NetworkPolicy";
    }
    return {};
}

std::string place_of(const judged_policy& policy, const judged_rule& rule) {
    return policy.file + ":" + std::to_string(rule.line);
}

}  // namespace cpg
