// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The rules that a pod is under: found once, as many connections are its. Refers to the policies, which must outlive
// it. Immutable; any thread.

#include <string_view>
#include <vector>

#include "enforce/policy_set.hpp"

namespace cpg {

struct applying_rule {
    const judged_policy* policy;
    const judged_rule* rule;
    finding selected;  ///< that it is in force for the pod; never `no`
};

class subject_rules {
  public:
    subject_rules(const policy_set& policies, const identity& pod);

    const std::vector<applying_rule>& of(direction direction) const {
        return direction == direction::ingress ? ingress_ : egress_;
    }
    /// Rules that the agent can't unite: it resolves no policy at all for the pod.
    bool has_contradiction() const { return contradiction_; }
    /// Names that the DNS proxy learns for this pod.
    const std::vector<const name_pattern*>& taught_names() const { return taught_; }

  private:
    std::vector<applying_rule> ingress_;
    std::vector<applying_rule> egress_;
    std::vector<const name_pattern*> taught_;
    bool contradiction_ = false;
};

/// True when two of the rules are for the same peer and port and ask for parsers or authentication that Cilium can't
/// unite (cilium:pkg/policy/rule.go mergePortProto).
bool contradict(const std::vector<applying_rule>& rules);

}  // namespace cpg
