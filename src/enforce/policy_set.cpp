// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/policy_set.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace cpg {

std::vector<const name_pattern*> taught_by(const judged_rule& rule) {
    std::vector<const name_pattern*> out;
    if (rule.denies || rule.direction != direction::egress) return out;
    for (const port_part& part : rule.ports)
        for (const name_pattern& each : part.requests.dns)
            out.push_back(&each);
    return out;
}

policy_set::policy_set(std::vector<judged_policy> policies) : policies_(std::move(policies)) {
    std::ranges::sort(policies_, {}, [](const judged_policy& each) { return std::tie(each.file, each.line); });
    for (std::size_t i = 0; i < policies_.size(); ++i) {
        by_namespace_[policies_[i].pod_namespace].push_back(i);
        if (policies_[i].is_refused()) continue;
        for (const judged_rule& rule : policies_[i].rules)
            std::ranges::copy(taught_by(rule), std::back_inserter(taught_));
    }
}

std::vector<const judged_policy*> policy_set::of_namespace(std::string_view pod_namespace) const {
    std::vector<std::size_t> found;
    for (const std::string_view each : {std::string_view(), pod_namespace})
        if (const auto at = by_namespace_.find(each); at != by_namespace_.end())
            std::ranges::copy(at->second, std::back_inserter(found));
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    std::vector<const judged_policy*> out;
    for (const std::size_t each : found)
        out.push_back(&policies_[each]);
    return out;
}

bool policy_set::has(policy_kind kind, std::string_view pod_namespace, std::string_view name) const {
    return std::ranges::any_of(policies_, [&](const judged_policy& each) {
        return each.kind == kind && each.pod_namespace == pod_namespace && each.name == name;
    });
}

bool policy_set::is_about(std::string_view pod_namespace, direction direction) const {
    const auto found = by_namespace_.find(pod_namespace);
    return found != by_namespace_.end() && std::ranges::any_of(found->second, [&](std::size_t at) {
               const judged_policy& policy = policies_[at];
               return !policy.is_refused() && std::ranges::any_of(policy.rules, [&](const judged_rule& rule) {
                   return rule.direction == direction && rule.default_deny && !policy.selects_nodes[rule.selector];
               });
           });
}

}  // namespace cpg
