// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a shard has found out about the labels of pods: which workload they are of, and which selector finds them as a
// peer. A rule that is new is mostly one between pods that are known, and then builds no text. It also is what lets all
// rules of a peer share one selector. A cache, but for that: what it has forgotten is found again the long way. One
// thread at a time.

#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "aggregate/workload.hpp"
#include "flow/selector.hpp"
#include "request/candidate.hpp"

namespace cpg {

class place_memo {
  public:
    using entry = std::pair<const workload_key, workload>;

    /// The subject's workload, to which its pod has been added; null where that is not known.
    entry* workload_of(const candidate& of) const;
    void remember(const candidate& of, entry& workload);

    /// The selector of the candidate's peer, an endpoint; the same selectors are shared. Its labels may be of a batch.
    shared_selector peer_of(const candidate& of);
    /// All workloads may have gone.
    void forget();

  private:
    struct selector_hash {
        std::size_t operator()(const shared_selector& labels) const;
    };
    struct seen_from {
        const label_set* peer = nullptr;  ///< the kin
        bool other_namespace = false;
        bool other_cluster = false;

        bool operator==(const seen_from&) const = default;
    };
    struct seen_from_hash {
        std::size_t operator()(const seen_from& key) const;
    };

    // Flows of more than one table may come.
    struct subject {
        const label_set* labels = nullptr;
        entry* workload = nullptr;
    };

    // Beyond this many peers, and selectors, they are found anew; of subjects a table has a bound.
    static constexpr std::size_t most = 1u << 16;

    shared_selector shared(selector labels);

    std::vector<subject> subjects_;  ///< by the number of their labels
    std::unordered_map<seen_from, shared_selector, seen_from_hash> peers_;
    std::unordered_set<shared_selector, selector_hash> selectors_;
};

}  // namespace cpg
