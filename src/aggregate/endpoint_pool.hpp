// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// One copy of each end of the flows that a shard keeps as samples: the same few pods stand in millions of flows. One
// thread at a time (a shard's strand); what it hands out may be read and let go on any thread.

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "request/rule_tally.hpp"

namespace cpg {

class endpoint_pool {
  public:
    /// The shared copy of this end. Allocates only for one that is not in use yet.
    std::shared_ptr<const sample_endpoint> find(const endpoint& endpoint, std::string_view ip);

    /// Ends held, those included that no sample uses any longer.
    std::size_t size() const { return ends_.size(); }

  private:
    // Unused ends are let go each time their number may have doubled.
    static constexpr std::size_t least_swept = 1024;

    void sweep();

    std::unordered_multimap<std::uint64_t, std::shared_ptr<const sample_endpoint>> ends_;
    std::size_t sweep_at_ = least_swept;
};

/// True when `known` says the same of an end as the flow does.
bool is_same_end(const sample_endpoint& known, const endpoint& endpoint, std::string_view ip);

}  // namespace cpg
