// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/subject.hpp"

#include <algorithm>
#include <iterator>

namespace cpg {

namespace {

finding in_force(const judged_policy& policy) {
    if (policy.is_refused()) return found(false);
    return policy.is_doubtful() ? open(policy.doubt) : found(true);
}

}  // namespace

subject_rules::subject_rules(const policy_set& policies, const identity& pod) {
    for (const judged_policy* policy : policies.of_namespace(pod.pod_namespace())) {
        const finding counts = in_force(*policy);
        if (counts.is == known::no) continue;
        for (const judged_rule& rule : policy->rules) {
            if (policy->selects_nodes[rule.selector]) continue;
            const finding selected = all_of(counts, policy->selectors[rule.selector].matches(pod));
            if (selected.is == known::no) continue;
            auto& rules = rule.direction == direction::ingress ? ingress_ : egress_;
            rules.push_back({.policy = policy, .rule = &rule, .selected = selected});
            if (selected.is == known::yes) std::ranges::copy(taught_by(rule), std::back_inserter(taught_));
        }
    }
    contradiction_ = contradict(ingress_) || contradict(egress_);
}

}  // namespace cpg
