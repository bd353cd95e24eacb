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
    std::vector<aggregator::target> targets;
    targets.reserve(flows.size());
    for (const kept_flow& each : flows)
        to.expect(each.candidate);
    for (const kept_flow& each : flows)
        targets.push_back(to.target_of(each.candidate));
    for (const aggregator::target& each : targets)
        each.to.rule->expect(each.packet);
    for (std::size_t i = 0; i < flows.size(); ++i)
        to.add(targets[i], flows[i].candidate, evidence_name(flows[i].reason));
    to.shed_surplus();
}

using tallies = std::map<rule_key, rule_tally>;

std::vector<rule_key> keys_of(const tallies& rules) {
    std::vector<rule_key> keys;
    keys.reserve(rules.size());
    for (const auto& [key, tally] : rules)
        keys.push_back(key);
    return keys;
}

written_keys written_keys_of(const workload_snapshot& snapshot, const shard_settings& settings) {
    return {keys_of(snapshot.rules), snapshot.names, snapshot.key.pod_namespace, settings.shape};
}

// As the policy has them: connections by names, paths collapsed, and of requests those that came often enough.
tallies written_rules(tallies rules, const written_keys& written, const shard_settings& settings) {
    tallies out;
    while (!rules.empty()) {
        auto rule = rules.extract(rules.begin());
        rule_key as_written = written.of(rule.key());
        if (rule.key().peer.kind == peer_kind::cidr && as_written.peer.kind == peer_kind::fqdn)
            rule.mapped().addresses.insert(rule.key().peer.name);
        rule.key() = std::move(as_written);
        const auto at = out.insert(out.end(), std::move(rule));
        if (!rule.empty()) at->second.add(rule.mapped(), settings.samples);
    }
    std::erase_if(out, [&](const auto& each) {
        return each.first.l7.kind != l7_kind::none && each.second.flow_count < settings.least_l7_flows;
    });
    return out;
}

void write_rules(workload_snapshot& to, const shard_settings& settings) {
    const written_keys written = written_keys_of(to, settings);
    to.rules = written_rules(std::move(to.rules), written, settings);
}

// Without the requests that came too seldom, and whatever they would have told.
void drop_rare(workload_snapshot& snapshot, const shard_settings& settings) {
    if (settings.least_l7_flows <= 1) return;
    const written_keys written = written_keys_of(snapshot, settings);
    const tallies kept = written_rules(snapshot.rules, written, settings);
    std::erase_if(snapshot.rules, [&](const auto& each) { return !kept.contains(written.of(each.first)); });
}

std::vector<flushed_workload> take(aggregator& from, flush_scope scope, const name_knowledge& names,
                                   const shard_settings& settings) {
    std::vector<flushed_workload> out;
    from.snapshots(scope, names, [&](workload_snapshot snapshot) {
        if (auto flushed = flushed_of(std::move(snapshot), scope, settings)) out.push_back(std::move(*flushed));
    });
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

policy policy_of(const workload_snapshot& snapshot, const rule_shape& shape) {
    policy out = build_policy(snapshot.key.pod_namespace, snapshot.name, snapshot.key.selector, keys_of(snapshot.rules),
                              snapshot.names, shape);
    out.common_labels = snapshot.common_labels;
    return out;
}

std::optional<flushed_workload> flushed_of(workload_snapshot snapshot, flush_scope scope,
                                           const shard_settings& settings) {
    drop_rare(snapshot, settings);
    if (snapshot.rules.empty()) return std::nullopt;
    std::optional<policy> grown;
    if (snapshot.rules_changed) grown = policy_of(snapshot, settings.shape);
    if (scope != flush_scope::new_rules)
        write_rules(snapshot, settings);
    else if (!settings.keep_rules)
        snapshot.rules.clear();
    return flushed_workload{std::move(snapshot), std::move(grown)};
}

void add_names(flushed_workload& to, const address_names& known, const shard_settings& settings) {
    workload_snapshot& snapshot = to.snapshot;
    bool helps = false;
    for (const auto& [key, tally] : snapshot.rules) {
        const auto found = known.find(key.peer.name);
        if (key.peer.kind == peer_kind::cidr && found != known.end())
            helps |= snapshot.names.addresses.insert(*found).second;
    }
    if (!helps) return;
    if (to.grown) to.grown = policy_of(snapshot, settings.shape);
    write_rules(snapshot, settings);
}

shards::shards(asio::any_io_executor pool, asio::any_io_executor session, std::size_t count,
               const shard_settings& settings)
    : session_(std::move(session)), settings_(settings) {
    for (std::size_t i = 0; i < count; ++i)
        shards_.push_back(std::make_unique<shard>(pool, settings));
}

void shards::add(std::shared_ptr<const flow_batch> batch, triage_report report, std::function<void()> done) {
    const auto task = std::make_shared<adding>(std::move(batch), std::move(report), std::move(done));
    const auto has_work = [&](std::size_t i) {
        return !task->report.shards[i].empty() || !task->report.answers[i].empty();
    };
    std::vector<std::size_t> at_work;
    for (std::size_t i = 0; i < shards_.size(); ++i)
        if (has_work(i)) at_work.push_back(i);
    task->left = at_work.size();
    if (at_work.empty()) return asio::post(session_, [task] { task->done(); });
    for (const std::size_t i : at_work)
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

std::vector<const aggregator*> shards::settled() {
    std::vector<const aggregator*> out;
    for (const auto& each : shards_) {
        each->state.settle();
        out.push_back(&each->state);
    }
    return out;
}

void shards::take_all(const std::shared_ptr<collecting>& task) {
    task->left = shards_.size();
    for (const auto& each : shards_)
        asio::post(each->strand, [this, task, from = each.get()] {
            auto taken = take(from->state, task->scope, task->names, settings_);
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
