// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The shards: each owns the workloads that hash to it and works on a strand of its own. add() and flush() are called
// on the session strand, and so are their callbacks.

#include <asio/any_io_executor.hpp>
#include <asio/strand.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "aggregate/aggregator.hpp"
#include "classify/triage.hpp"
#include "policy/policy.hpp"

namespace cpg {

/// A workload as it stands now, with its policy where that has grown since the last flush.
struct flushed_workload {
    workload_snapshot snapshot;
    std::optional<policy> grown;
};

/// Over all workloads, in the scope or not.
struct flush_totals {
    std::size_t workloads = 0;
    bool too_many_workloads = false;
};

/// How the shards make policies and evidence.
struct shard_settings {
    std::size_t samples = 0;         ///< of each rule
    std::size_t least_l7_flows = 1;  ///< of a request or query, to make a rule
    bool keep_rules = true;          ///< of a snapshot with a policy and without evidence
    bool by_cluster = false;         ///< a workload is of one cluster
    rule_shape shape;
};

/// All that a workload asks for.
policy policy_of(const workload_snapshot& snapshot, const rule_shape& shape = {});

/// Nothing where no rule is left, of requests that came too seldom.
std::optional<flushed_workload> flushed_of(workload_snapshot snapshot, flush_scope scope,
                                           const shard_settings& settings);

/// Gives addresses the names that they had before the session, where it knows none of them; again as a policy and as
/// evidence.
void add_names(flushed_workload& to, const address_names& known, const shard_settings& settings);

class shards {
  public:
    shards(asio::any_io_executor pool, asio::any_io_executor session, std::size_t count,
           const shard_settings& settings);

    std::size_t count() const { return shards_.size(); }
    const shard_settings& settings() const { return settings_; }
    /// Adds a triaged batch; `done` follows when every shard has added its part.
    void add(std::shared_ptr<const flow_batch> batch, triage_report report, std::function<void()> done);
    /// Collects the workloads of this scope, over all shards. What all of them know of DNS servers is collected before,
    /// so that the result depends on the flows alone.
    void flush(flush_scope scope, std::function<void(std::vector<flushed_workload> taken, flush_totals totals)> done);

    /// The sums themselves, within their bounds; only when no thread is at work on them any more.
    std::vector<const aggregator*> settled();

  private:
    struct collecting;

    void take_all(const std::shared_ptr<collecting>& task);

    struct shard {
        shard(asio::any_io_executor pool, const shard_settings& settings)
            : strand(std::move(pool)),
              state(settings.samples, {},
                    {.counts_matter = settings.least_l7_flows > 1, .by_cluster = settings.by_cluster}) {}

        asio::strand<asio::any_io_executor> strand;
        aggregator state;  ///< on `strand` only
    };

    asio::any_io_executor session_;
    const shard_settings settings_;
    std::vector<std::unique_ptr<shard>> shards_;
};

}  // namespace cpg
