// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Policies that are in force together, in an order that does not depend on how they were found. Immutable once made;
// any thread.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "enforce/judged_policy.hpp"

namespace cpg {

class policy_set {
  public:
    policy_set() = default;
    explicit policy_set(std::vector<judged_policy> policies);

    const std::vector<judged_policy>& all() const { return policies_; }
    /// Those that may select pods of the namespace: its own, and those of the whole cluster.
    std::vector<const judged_policy*> of_namespace(std::string_view pod_namespace) const;
    bool has(policy_kind kind, std::string_view pod_namespace, std::string_view name) const;
    /// Patterns of names that the DNS proxy learns addresses of, for any pod.
    const std::vector<const name_pattern*>& taught_names() const { return taught_; }
    /// True where a policy of the namespace has rules of this direction, so that pods of it are meant to be denied.
    bool is_about(std::string_view pod_namespace, direction direction) const;

  private:
    std::vector<judged_policy> policies_;
    std::map<std::string, std::vector<std::size_t>, std::less<>> by_namespace_;
    std::vector<const name_pattern*> taught_;
};

/// The patterns of a rule's DNS filters.
std::vector<const name_pattern*> taught_by(const judged_rule& rule);

}  // namespace cpg
