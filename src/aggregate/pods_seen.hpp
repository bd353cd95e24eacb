// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which pods were at an end of a rule's flows, told apart by their labels as Cilium tells identities apart: a selector
// may take in more pods than those that asked. One thread at a time (a shard's strand).

#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "flow/labels.hpp"

namespace cpg {

/// One copy of the labels of each pod as text, see pod_labels(). As many as there are label sets.
class pod_texts {
  public:
    /// Null for a pod whose labels are read anew each time, as the table of label sets is full.
    const std::string* find(const label_set& pod);

  private:
    std::unordered_map<const label_set*, const std::string*> by_set_;
    std::set<std::string> texts_;
};

/// The first few in order, whatever order they came in. Most rules are about one, which costs no memory of its own.
class pods_seen {
  public:
    void add(const std::string* pod);
    std::set<std::string> list() const;

  private:
    struct by_text {
        bool operator()(const std::string* a, const std::string* b) const { return *a < *b; }
    };

    const std::string* one_ = nullptr;
    std::unique_ptr<std::set<const std::string*, by_text>> several_;
};

}  // namespace cpg
