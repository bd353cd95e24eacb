// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Adds candidates up by workload: the state of one shard. A workload belongs to one shard for the whole session and is
// kept to its end, so a flush always says everything that is known so far. One thread at a time (a shard's strand).

#include <cstdint>
#include <map>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aggregate/endpoint_pool.hpp"
#include "aggregate/workload.hpp"
#include "flow/candidate.hpp"

namespace cpg {

class aggregator {
  public:
    /// `most_samples` of each rule are kept; 0 keeps none.
    explicit aggregator(std::size_t most_samples) : most_samples_(most_samples) {}
    aggregator(const aggregator&) = delete;
    aggregator& operator=(const aggregator&) = delete;

    void add(const candidate& added, std::string_view drop_reason);

    /// The workloads of this scope, as they stand now. What is left out counts as changed until it is taken.
    std::vector<workload_snapshot> take(flush_scope scope);
    std::size_t workloads() const { return workloads_.size(); }

  private:
    // Where a flow goes, told from what it points to: no text is compared or built for a flow of a known kind.
    struct route_key {
        const label_set* subject = nullptr;
        const label_set* peer = nullptr;
        cpg::address address;
        cpg::direction direction{};
        peer_kind kind{};
        reserved_identity entity{};
        l4_protocol protocol{};
        std::uint16_t port = 0;

        bool operator==(const route_key&) const = default;
    };
    struct route_hash {
        std::size_t operator()(const route_key& key) const;
    };
    struct route {
        workload* target = nullptr;
        rule_state* rule = nullptr;
    };
    // Beyond this many the cache starts anew; it costs time, never a flow.
    static constexpr std::size_t most_routes = 1u << 16;

    static bool is_routable(const candidate& of);
    static route_key route_key_of(const candidate& of);
    route find_route(const candidate& added);
    route make_route(const candidate& added);

    std::size_t most_samples_;
    endpoint_pool ends_;
    std::map<workload_key, workload> workloads_;
    std::unordered_map<route_key, route, route_hash> routes_;
};

/// The shard, of `shards`, that this candidate's workload belongs to.
std::size_t shard_of(const candidate& of, std::size_t shards);

}  // namespace cpg
