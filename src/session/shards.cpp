// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/shards.hpp"

#include <algorithm>
#include <asio/post.hpp>
#include <atomic>
#include <iterator>
#include <utility>

#include "policy/build.hpp"
#include "policy/written_keys.hpp"

namespace cpg {

namespace {

// A batch on its way through the shards. The last shard to finish sends word.
struct adding {
    adding(std::shared_ptr<const flow_batch> added_batch, triage_report added_report, std::function<void()> at_end)
        : batch(std::move(added_batch)), report(std::move(added_report)), done(std::move(at_end)) {}

    std::shared_ptr<const flow_batch> batch;
    triage_report report;
    std::function<void()> done;
    std::atomic<std::size_t> left{0};
};

// A denial without a reason, as L7 records are, is a policy denial.
// None: a request that was let through.
std::string_view evidence_name(const drop_reason* reason) {
    if (!reason) return "";
    return reason->number == 0 ? "POLICY_DENIED" : reason->name;
}

void add_all(aggregator& to, const std::vector<kept_flow>& flows) {
    std::vector<route> routes;
    routes.reserve(flows.size());
    for (const kept_flow& each : flows)
        routes.push_back(to.route_of(each.candidate));
    for (std::size_t i = 0; i < flows.size(); ++i)
        to.add(routes[i], flows[i].candidate, evidence_name(flows[i].reason));
    to.shed_surplus();
}

std::vector<rule_key> keys_of_snapshot(const workload_snapshot& snapshot) {
    std::vector<rule_key> keys;
    for (const auto& [key, tally] : snapshot.rules)
        keys.push_back(key);
    return keys;
}

// Evidence is of rules as the policy has them.
void rewrite(workload_snapshot& snapshot, std::size_t most_samples) {
    const written_keys written(keys_of_snapshot(snapshot), snapshot.names, snapshot.key.pod_namespace);
    std::map<rule_key, rule_tally> rules;
    for (const auto& [key, tally] : snapshot.rules) {
        const auto [at, is_new] = rules.try_emplace(written.of(key), tally);
        if (!is_new) at->second.add(tally, most_samples);
    }
    snapshot.rules = std::move(rules);
}

std::vector<flushed_workload> take(aggregator& from, flush_scope scope, const name_knowledge& names,
                                   std::size_t most_samples) {
    std::vector<flushed_workload> out;
    for (workload_snapshot& snapshot : from.snapshots(scope, names)) {
        std::optional<policy> grown;
        if (snapshot.rules_changed) grown = policy_of(snapshot);
        if (scope != flush_scope::new_rules) rewrite(snapshot, most_samples);
        out.push_back({std::move(snapshot), std::move(grown)});
    }
    return out;
}

}  // namespace

// Session strand only, but for `names` once all shards have added theirs.
struct shards::collecting {
    flush_scope scope{};
    name_knowledge names;
    std::vector<flushed_workload> all;
    flush_totals totals;
    std::size_t left = 0;
    std::function<void(std::vector<flushed_workload>, flush_totals)> done;
};

policy policy_of(const workload_snapshot& snapshot) {
    policy out = build_policy(snapshot.key.pod_namespace, snapshot.name, snapshot.key.selector,
                              keys_of_snapshot(snapshot), snapshot.names);
    out.common_labels = snapshot.common_labels;
    return out;
}

shards::shards(asio::any_io_executor pool, asio::any_io_executor session, std::size_t count, std::size_t most_samples)
    : session_(std::move(session)), most_samples_(most_samples) {
    for (std::size_t i = 0; i < count; ++i)
        shards_.push_back(std::make_unique<shard>(pool, most_samples));
}

void shards::add(std::shared_ptr<const flow_batch> batch, triage_report report, std::function<void()> done) {
    const auto task = std::make_shared<adding>(std::move(batch), std::move(report), std::move(done));
    task->left = shards_.size();
    for (std::size_t i = 0; i < shards_.size(); ++i)
        asio::post(shards_[i]->strand, [this, i, task] {
            add_all(shards_[i]->state, task->report.shards[i]);
            for (const candidate& answer : task->report.answers[i])
                shards_[i]->state.add_answer(answer);
            if (--task->left == 0) asio::post(session_, [task] { task->done(); });
        });
}

void shards::flush(flush_scope scope, std::function<void(std::vector<flushed_workload>, flush_totals)> done) {
    const auto task = std::make_shared<collecting>();
    task->scope = scope;
    task->left = shards_.size();
    task->done = std::move(done);
    for (const auto& each : shards_)
        asio::post(each->strand, [this, task, from = each.get()] {
            asio::post(session_, [this, task, names = from->state.names()] {
                task->names.add(names);
                if (--task->left == 0) take_all(task);
            });
        });
}

void shards::take_all(const std::shared_ptr<collecting>& task) {
    task->left = shards_.size();
    for (const auto& each : shards_)
        asio::post(each->strand, [this, task, from = each.get()] {
            auto taken = take(from->state, task->scope, task->names, most_samples_);
            const flush_totals here = {from->state.workloads(), from->state.too_many_workloads()};
            asio::post(session_, [task, taken = std::move(taken), here]() mutable {
                std::ranges::move(taken, std::back_inserter(task->all));
                task->totals.workloads += here.workloads;
                task->totals.too_many_workloads |= here.too_many_workloads;
                if (--task->left == 0) task->done(std::move(task->all), task->totals);
            });
        });
}

}  // namespace cpg
