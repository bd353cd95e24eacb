// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Adds candidates up by workload: the state of one shard. A workload belongs to one shard for the whole session and is
// kept to its end, so a flush always says everything that is known so far. One thread at a time (a shard's strand).

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "aggregate/endpoint_pool.hpp"
#include "aggregate/route_table.hpp"
#include "aggregate/workload.hpp"
#include "request/candidate.hpp"

namespace cpg {

class aggregator {
  public:
    /// `most_samples` of each rule are kept; 0 keeps none.
    explicit aggregator(std::size_t most_samples) : most_samples_(most_samples) {}
    aggregator(const aggregator&) = delete;
    aggregator& operator=(const aggregator&) = delete;

    /// Where the candidate belongs; good for as long as this object. Finding the places of many before adding them lets
    /// the processor fetch what it will need.
    route route_of(const candidate& added);
    void add(const route& to, const candidate& added, std::string_view drop_reason);
    void add(const candidate& added, std::string_view drop_reason) { add(route_of(added), added, drop_reason); }

    /// The workloads of this scope, as they stand now. What is left out is there for the next.
    std::vector<workload_snapshot> snapshots(flush_scope scope);
    std::size_t workloads() const { return workloads_.size(); }

  private:
    static bool is_routable(const candidate& candidate);
    static route_key route_key_of(const candidate& candidate);
    route make_route(const candidate& added);

    std::size_t most_samples_;
    endpoint_pool ends_;
    std::map<workload_key, workload> workloads_;
    route_table routes_;
};

/// The shard, of `shards`, that this candidate's workload belongs to.
std::size_t shard_of(const candidate& candidate, std::size_t shards);

}  // namespace cpg
