// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/aggregator.hpp"

#include <cstring>
#include <functional>

namespace cpg {

namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15ull;
    return hash ^ (hash >> 32);
}

bool is_in(flush_scope scope, const workload& of) {
    switch (scope) {
        case flush_scope::new_rules: return of.rules_changed;
        case flush_scope::any_change: return of.changed;
        case flush_scope::everything: return true;
    }
    return true;
}

}  // namespace

std::size_t aggregator::route_hash::operator()(const route_key& key) const {
    std::uint64_t halves[2];
    std::memcpy(halves, key.address.bytes.data(), sizeof halves);
    std::uint64_t hash = mix(reinterpret_cast<std::uintptr_t>(key.subject), reinterpret_cast<std::uintptr_t>(key.peer));
    hash = mix(mix(hash, halves[0]), halves[1]);
    return mix(hash, (std::uint64_t{key.port} << 32) | (static_cast<std::uint64_t>(key.direction) << 24) |
                         (static_cast<std::uint64_t>(key.kind) << 16) | (static_cast<std::uint64_t>(key.entity) << 8) |
                         static_cast<std::uint64_t>(key.protocol));
}

// A pointer stands for the namespace too, where the labels name the same one.
bool aggregator::is_routable(const candidate& of) {
    if (of.flow->is_l7() || of.kind == peer_kind::fqdn) return false;
    const label_set& subject = *of.subject->labels;
    if (!subject.kept || subject.pod_namespace != of.subject_namespace) return false;
    if (of.kind != peer_kind::endpoint) return true;
    return of.peer->labels->kept && of.peer->labels->pod_namespace == of.peer_namespace;
}

aggregator::route_key aggregator::route_key_of(const candidate& of) {
    return {.subject = of.subject->labels,
            .peer = of.kind == peer_kind::endpoint ? of.peer->labels : nullptr,
            .address = of.address,
            .direction = of.flow->direction,
            .kind = of.kind,
            .entity = of.entity,
            .protocol = of.flow->protocol,
            .port = of.port};
}

void aggregator::add(const candidate& added, std::string_view drop_reason) {
    const route to = is_routable(added) ? find_route(added) : make_route(added);
    to.rule->add(*added.flow, drop_reason, added.port, ends_);
    to.target->changed = true;
}

aggregator::route aggregator::find_route(const candidate& added) {
    const route_key key = route_key_of(added);
    if (const auto found = routes_.find(key); found != routes_.end()) return found->second;
    if (routes_.size() >= most_routes) routes_.clear();
    return routes_[key] = make_route(added);
}

aggregator::route aggregator::make_route(const candidate& added) {
    const label_set& labels = *added.subject->labels;
    workload& target = workloads_[{std::string(added.subject_namespace), labels.selector}];
    target.name = labels.workload;
    const auto [rule, is_new] = target.rules.try_emplace(rule_key_of(added), most_samples_);
    target.rules_changed |= is_new;
    return {&target, &rule->second};
}

std::vector<workload_snapshot> aggregator::take(flush_scope scope) {
    std::vector<workload_snapshot> out;
    for (auto& [key, state] : workloads_) {
        if (!is_in(scope, state)) continue;
        workload_snapshot& taken = out.emplace_back();
        taken.key = key;
        taken.name = state.name;
        taken.rules_changed = state.rules_changed;
        for (const auto& [rule, sums] : state.rules)
            taken.rules.emplace(rule, sums.evidence());
        state.changed = state.rules_changed = false;
    }
    return out;
}

std::size_t shard_of(const candidate& of, std::size_t shards) {
    std::uint64_t hash = std::hash<std::string_view>{}(of.subject_namespace);
    for (const auto& [key, value] : of.subject->labels->selector)
        hash = mix(mix(hash, std::hash<std::string_view>{}(key)), std::hash<std::string_view>{}(value));
    return hash % shards;
}

}  // namespace cpg
