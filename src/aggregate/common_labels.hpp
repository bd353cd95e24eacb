// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The labels that every pod seen of a workload has: an intersection, so the order of the pods does not matter. One
// thread at a time.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "flow/labels.hpp"

namespace cpg {

class common_labels {
  public:
    /// Returns true when a label went that the pods before this one had.
    bool add(const label_set& pod);
    /// Those of the pods that another has seen.
    void add(const common_labels& other);
    /// `k8s:` labels by their bare keys, sorted, without the namespace.
    const selector& labels() const { return labels_; }

    /// Those of app.kubernetes.io/instance and /component in which the pods differ.
    const std::set<std::string_view>& differing() const { return differing_; }

    /// Whether there was a pod at all.
    bool any() const { return any_; }
    /// The value that all pods with the label share, of those labels in which pods might differ and do not.
    std::map<std::string_view, std::string> shared() const;
    /// As it was when labels(), shared() and differing() gave this; keys that are not compared are left out.
    static common_labels of(selector labels, const selector& shared, const std::vector<std::string>& differing);

  private:
    void compare(const selector& pod);

    selector labels_;
    std::map<std::string_view, std::string> first_;  ///< the value of the first pod that had the label
    std::set<std::string_view> differing_;
    const label_set* last_ = nullptr;  ///< most flows are of a pod that was just seen
    bool any_ = false;
};

}  // namespace cpg
