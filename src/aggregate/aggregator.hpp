// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Adds candidates up by workload: the state of one shard. A workload belongs to one shard for the whole session and is
// kept to its end, so a flush always says everything that is known so far. One thread at a time (a shard's strand).

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "aggregate/endpoint_pool.hpp"
#include "aggregate/name_knowledge.hpp"
#include "aggregate/place_memo.hpp"
#include "aggregate/route_table.hpp"
#include "aggregate/workload.hpp"
#include "base/limits.hpp"
#include "request/candidate.hpp"

namespace cpg {

/// Of what is kept, whatever order it came in: the first in order. What is last goes only now and then, so that each
/// flow costs little; a key that has gone is behind all that are there, and stays so.
struct aggregate_bounds {
    std::size_t rules_of_a_workload = limits::rules_of_a_workload;
    std::size_t workloads_of_a_share = limits::workloads / workload_shares;
};

/// What makes a rule, and a workload.
struct aggregate_options {
    /// Which requests make a rule depends on how many there were, so that each changes the rules.
    bool counts_matter = false;
    /// Pods with the same labels in another cluster are another workload.
    bool by_cluster = false;
};

class aggregator {
  public:
    /// `most_samples` of each rule are kept; 0 keeps none.
    explicit aggregator(std::size_t most_samples, aggregate_bounds bounds = {}, aggregate_options options = {})
        : most_samples_(most_samples), bounds_(bounds), options_(options) {}
    aggregator(const aggregator&) = delete;
    aggregator& operator=(const aggregator&) = delete;

    /// Where a candidate belongs; good for as long as this object.
    struct target {
        route to;
        packet_place packet;
    };

    /// What a flow belongs to lies all over the memory. Of many flows, each of the three steps is taken for all before
    /// the next one is: what that will look at is fetched meanwhile.
    void expect(const candidate& added) const;
    target target_of(const candidate& added);
    void add(const target& at, const candidate& added, std::string_view drop_reason);
    void add(const candidate& added, std::string_view drop_reason) { add(target_of(added), added, drop_reason); }
    /// The answer to a query of the subject.
    void add_answer(const candidate& answer);
    /// To be called now and then; ends all routes when something had to go.
    void shed_surplus();

    /// What the flows of this shard tell of DNS servers and the cluster's domain.
    name_knowledge names() const;
    /// The workloads of this scope, as they stand now. What is left out is there for the next. `all_names` is what all
    /// shards know: a workload whose names it concerns counts as changed where it has.
    std::vector<workload_snapshot> snapshots(flush_scope scope, const name_knowledge& all_names);
    /// The same, one after the other: all of them at once are as large as the sums.
    void snapshots(flush_scope scope, const name_knowledge& all_names,
                   const std::function<void(workload_snapshot)>& take);
    std::vector<workload_snapshot> snapshots(flush_scope scope) { return snapshots(scope, names()); }
    std::size_t workloads() const { return workloads_.size(); }
    /// Leaves out what is beyond the bounds, for who wants the sums themselves.
    void settle();
    const std::map<workload_key, workload>& sums() const { return workloads_; }
    /// What the flows tell of servers; the domains are in the workloads.
    const name_knowledge& servers() const { return servers_; }
    bool too_many_workloads() const { return too_many_workloads_; }

  private:
    route route_of(const candidate& added);
    static bool is_routable(const candidate& candidate);
    const label_set* routed_peer(const candidate& candidate) const;
    route_key route_key_of(const candidate& candidate) const;
    workload_key workload_key_of(const candidate& added) const;
    std::pair<const workload_key, workload>& entry_of(const candidate& added);
    workload& workload_of(const candidate& added);
    rule_key key_of(const candidate& added);
    route make_route(const candidate& added);
    static void note_address(workload& target, const candidate& added);
    void note_names(workload& target, const candidate& added, const rule_key& key);
    void on_other_names(const name_knowledge& all_names);
    void note_size(std::size_t size, std::size_t most);
    void shed(std::size_t slack);
    void shed_workloads(std::size_t slack);

    std::size_t most_samples_;
    aggregate_bounds bounds_;
    aggregate_options options_;
    std::array<std::size_t, workload_shares> in_share_{};  ///< workloads
    bool surplus_ = false;                                 ///< something is over its bound
    bool large_surplus_ = false;                           ///< and twice as large
    bool too_many_workloads_ = false;
    endpoint_pool ends_;
    pod_texts pods_;
    std::map<workload_key, workload> workloads_;
    name_knowledge servers_;    ///< without the domains, which the workloads have
    name_knowledge all_names_;  ///< as of the last snapshots
    route_table routes_;
    place_memo places_;
};

/// The shard, of `shards`, that this candidate's workload belongs to.
std::size_t shard_of(const candidate& candidate, std::size_t shards);

}  // namespace cpg
