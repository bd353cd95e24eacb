// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/aggregator.hpp"

#include <iterator>

#include "base/hash.hpp"

namespace cpg {

namespace {

bool is_in(flush_scope scope, const workload& workload) {
    switch (scope) {
        case flush_scope::new_rules: return workload.rules_changed;
        case flush_scope::any_change: return workload.changed;
        case flush_scope::everything: return true;
    }
    return true;
}

std::size_t share_of(std::string_view pod_namespace, const selector& labels) {
    std::uint64_t hash = hash_of_text(pod_namespace);
    for (const auto& [key, value] : labels)
        hash = mixed(mixed(hash, key), value);
    return hash % workload_shares;
}

}  // namespace

// A pointer stands for the namespace too, where the labels name the same one.
bool aggregator::is_routable(const candidate& candidate) {
    if (candidate.flow->is_l7() || candidate.kind == peer_kind::fqdn) return false;
    const label_set& subject = *candidate.subject->labels;
    if (!subject.kept || subject.pod_namespace != candidate.subject_namespace) return false;
    if (candidate.kind != peer_kind::endpoint) return true;
    const label_set& peer = *candidate.peer->labels;
    const bool labels_tell_cluster =
        subject.cluster == cluster_of(*candidate.subject) && peer.cluster == cluster_of(*candidate.peer);
    const bool same_cluster = cluster_of(*candidate.subject) == cluster_of(*candidate.peer);
    return peer.kept && peer.pod_namespace == candidate.peer_namespace && (labels_tell_cluster || same_cluster);
}

route_key aggregator::route_key_of(const candidate& candidate) {
    return {.subject = candidate.subject->labels,
            .peer = candidate.kind == peer_kind::endpoint ? candidate.peer->labels : nullptr,
            .address = candidate.address,
            .direction = candidate.direction,
            .kind = candidate.kind,
            .entity = candidate.entity,
            .protocol = candidate.flow->protocol,
            .port = candidate.port};
}

route aggregator::route_of(const candidate& added) {
    if (!is_routable(added)) return make_route(added);
    route& found = routes_[route_key_of(added)];
    if (!found.target) found = make_route(added);
    __builtin_prefetch(found.rule);
    return found;
}

void aggregator::add(const route& to, const candidate& added, std::string_view drop_reason) {
    to.rule->add(*added.flow, drop_reason, added.port, ends_);
    to.target->changed = true;
}

route aggregator::make_route(const candidate& added) {
    const label_set& labels = *added.subject->labels;
    const auto [found, is_new_workload] =
        workloads_.try_emplace({std::string(added.subject_namespace), labels.selector});
    if (is_new_workload)
        note_size(++in_share_[share_of(added.subject_namespace, labels.selector)], bounds_.workloads_of_a_share);
    workload& target = found->second;
    target.name = labels.workload;
    const auto [rule, is_new] = target.rules.try_emplace(rule_key_of(added), most_samples_);
    if (is_new) note_size(target.rules.size(), bounds_.rules_of_a_workload);
    target.rules_changed |= target.pods.add(labels) || is_new;
    return {&target, &rule->second};
}

void aggregator::note_size(std::size_t size, std::size_t most) {
    surplus_ |= size > most;
    large_surplus_ |= size > 2 * most;
}

void aggregator::shed_surplus() {
    if (large_surplus_) shed(2);
}

void aggregator::shed(std::size_t slack) {
    shed_workloads(slack);
    const std::size_t most = bounds_.rules_of_a_workload;
    for (auto& [key, each] : workloads_) {
        if (each.rules.size() <= slack * most) continue;
        each.rules.erase(std::next(each.rules.begin(), static_cast<std::ptrdiff_t>(most)), each.rules.end());
        each.too_many_rules = true;
    }
    routes_ = {};
    large_surplus_ = false;
    surplus_ = slack > 1;
}

void aggregator::shed_workloads(std::size_t slack) {
    const std::size_t most = bounds_.workloads_of_a_share;
    std::array<bool, workload_shares> sheds{};
    for (std::size_t i = 0; i < workload_shares; ++i)
        too_many_workloads_ |= sheds[i] = in_share_[i] > slack * most;
    for (auto at = workloads_.end(); at != workloads_.begin();) {
        --at;
        const std::size_t share = share_of(at->first.pod_namespace, at->first.selector);
        if (!sheds[share] || in_share_[share] <= most) continue;
        --in_share_[share];
        at = workloads_.erase(at);
    }
}

std::vector<workload_snapshot> aggregator::snapshots(flush_scope scope) {
    if (surplus_) shed(1);
    const bool with_evidence = scope != flush_scope::new_rules;
    std::vector<workload_snapshot> out;
    for (auto& [key, state] : workloads_) {
        if (!is_in(scope, state)) continue;
        workload_snapshot& taken = out.emplace_back();
        taken.key = key;
        taken.name = state.name;
        taken.common_labels = state.pods.labels();
        taken.differing_labels = state.pods.differing();
        for (const auto& [label, value] : key.selector)
            taken.differing_labels.erase(label);
        taken.rules_changed = state.rules_changed;
        taken.too_many_rules = state.too_many_rules;
        for (const auto& [rule, sums] : state.rules)
            taken.rules.emplace(rule, with_evidence ? sums.evidence() : rule_tally{});
        state.rules_changed = false;
        if (with_evidence) state.changed = false;
    }
    return out;
}

std::size_t shard_of(const candidate& candidate, std::size_t shards) {
    return share_of(candidate.subject_namespace, candidate.subject->labels->selector) % shards;
}

}  // namespace cpg
