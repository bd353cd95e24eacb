// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/aggregator.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "aggregate/snapshot.hpp"
#include "base/hash.hpp"
#include "base/keep_first.hpp"
#include "request/cluster_domain.hpp"
#include "request/l7_request.hpp"

namespace cpg {

namespace {

// Most flows show what one before them did.
bool is_known(const std::set<name_list>& known, std::span<const std::string_view> names) {
    return std::ranges::any_of(known, [&](const name_list& each) { return std::ranges::equal(each, names); });
}

// True when they are new ones.
bool add_names(std::set<name_list>& to, std::span<const std::string_view> names) {
    if (is_known(to, names)) return false;
    name_list valid = dns_names_of(names);
    if (valid.empty()) return false;
    keep_first(valid, limits::names_together);
    const auto [at, is_new] = to.insert(std::move(valid));
    const bool stays = is_new && (to.size() <= limits::name_lists || std::next(at) != to.end());
    keep_first(to, limits::name_lists);
    return stays;
}

bool is_in(flush_scope scope, const workload& workload) {
    // Known from answers alone.
    if (workload.rules.empty()) return false;
    switch (scope) {
        case flush_scope::new_rules: return workload.rules_changed;
        case flush_scope::any_change: return workload.changed;
        case flush_scope::everything:
        case flush_scope::last: return true;
    }
    return true;
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

// Evidence names the pods, and of DNS servers it is to be known what labels all their pods have; of other peers only
// what selects them matters.
const label_set* aggregator::routed_peer(const candidate& candidate) const {
    if (candidate.kind != peer_kind::endpoint) return nullptr;
    const bool each_pod_matters = most_samples_ > 0 || may_ask_server(candidate);
    return each_pod_matters ? candidate.peer->labels : candidate.peer->labels->kin;
}

route_key aggregator::route_key_of(const candidate& candidate) const {
    const std::string_view told = candidate.subject->labels->cluster.empty() ? candidate.subject->cluster : "";
    return {.subject = candidate.subject->labels,
            .peer = routed_peer(candidate),
            .address = candidate.address,
            .cluster = told.empty() ? 0 : lasting_hash(told),
            .direction = candidate.direction,
            .kind = candidate.kind,
            .entity = candidate.entity,
            .protocol = candidate.flow->protocol,
            .port = candidate.port};
}

void aggregator::expect(const candidate& added) const {
    if (is_routable(added)) routes_.expect(route_key_of(added));
}

route aggregator::route_of(const candidate& added) {
    if (!is_routable(added)) return make_route(added);
    route& found = routes_[route_key_of(added)];
    if (!found.target) found = make_route(added);
    return found;
}

aggregator::target aggregator::target_of(const candidate& added) {
    const target out{.to = route_of(added), .packet = packet_place_of(*added.flow)};
    __builtin_prefetch(out.to.rule);
    return out;
}

void aggregator::add(const target& at, const candidate& added, std::string_view drop_reason) {
    workload& into = *at.to.target;
    at.to.rule->add(*added.flow, at.packet, drop_reason, added.port, ends_);
    into.changed = true;
    into.rules_changed |= options_.counts_matter && added.flow->is_l7();
    if (added.by_name) note_address(into, added);
}

void aggregator::note_address(workload& target, const candidate& added) {
    target.rules_changed |= add_names(target.known_as[added.address].shown, added.flow->destination_names);
    keep_first(target.known_as, limits::rules_of_a_workload);
}

void aggregator::add_answer(const candidate& answer) {
    workload& target = entry_of(answer).second;
    for (const std::string_view ip : answer.flow->dns_ips)
        if (const auto address = parse_address(ip))
            target.rules_changed |= add_names(target.known_as[*address].answered, {&answer.flow->dns_query, 1});
    keep_first(target.known_as, limits::rules_of_a_workload);
}

workload_key aggregator::workload_key_of(const candidate& added) const {
    workload_key out{.pod_namespace = std::string(added.subject_namespace),
                     .selector = added.subject->labels->selector};
    if (options_.by_cluster) out.cluster = cluster_name(cluster_of(*added.subject));
    return out;
}

std::pair<const workload_key, workload>& aggregator::entry_of(const candidate& added) {
    const label_set& labels = *added.subject->labels;
    const auto [found, is_new] = workloads_.try_emplace(workload_key_of(added));
    if (is_new) note_size(++in_share_[share_of(added.subject_namespace, labels)], bounds_.workloads_of_a_share);
    found->second.name = labels.workload;
    return *found;
}

workload& aggregator::workload_of(const candidate& added) {
    if (place_memo::entry* const known = places_.workload_of(added)) return known->second;
    place_memo::entry& entry = entry_of(added);
    entry.second.rules_changed |= entry.second.pods.add(*added.subject->labels);
    places_.remember(added, entry);
    return entry.second;
}

rule_key aggregator::key_of(const candidate& added) {
    return added.kind == peer_kind::endpoint ? rule_key_of(added, places_.peer_of(added)) : rule_key_of(added);
}

route aggregator::make_route(const candidate& added) {
    workload& target = workload_of(added);
    const rule_key key = key_of(added);
    const auto [rule, is_new] = target.rules.try_emplace(key, most_samples_);
    if (is_new) note_size(target.rules.size(), bounds_.rules_of_a_workload);
    target.rules_changed |= is_new;
    if (most_samples_ > 0)
        rule.add_pods(pods_.find(*added.subject->labels),
                      added.kind == peer_kind::endpoint ? pods_.find(*added.peer->labels) : nullptr);
    note_names(target, added, key);
    return {&target, &rule};
}

void aggregator::note_names(workload& target, const candidate& added, const rule_key& key) {
    const std::string cluster(cluster_of(*added.subject));
    if (target.cluster.empty() || (!cluster.empty() && cluster < target.cluster)) target.cluster = cluster;
    target.has_names |= key.peer.kind == peer_kind::fqdn;
    if (const auto server = server_asked(added, key)) {
        target.rules_changed |= target.servers.insert(*server).second;
        keep_first(target.servers, limits::dns_servers);
        if (server->peer.kind == peer_kind::endpoint)
            target.rules_changed |= target.server_pods[server->peer].add(*added.peer->labels);
        keep_first(target.server_pods, limits::dns_servers);
        servers_.add_server(cluster, std::string(added.subject_namespace), place_of(*server, added));
    }
    if (key.l7.kind != l7_kind::dns) return;
    if (auto domain = cluster_domain_in(key.l7.value, added.subject_namespace))
        target.domains.emplace(cluster, std::move(*domain));
    keep_first(target.domains, most_domains);
}

name_knowledge aggregator::names() const {
    name_knowledge out = servers_;
    for (const auto& [key, each] : workloads_)
        add_domains(out, each);
    out.shed_surplus();
    return out;
}

void aggregator::on_other_names(const name_knowledge& all_names) {
    if (all_names_ == all_names) return;
    all_names_ = all_names;
    for (auto& [key, each] : workloads_)
        each.rules_changed |= each.has_names || !each.known_as.empty();
}

void aggregator::note_size(std::size_t size, std::size_t most) {
    surplus_ |= size > most;
    large_surplus_ |= size > 2 * most;
}

void aggregator::shed_surplus() {
    if (large_surplus_) shed(2);
}

void aggregator::settle() {
    if (surplus_) shed(1);
}

void aggregator::shed(std::size_t slack) {
    shed_workloads(slack);
    const std::size_t most = bounds_.rules_of_a_workload;
    for (auto& [key, each] : workloads_) {
        if (each.rules.size() > slack * most) shed_rules(each, most);
    }
    routes_ = {};
    places_.forget();
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

std::vector<workload_snapshot> aggregator::snapshots(flush_scope scope, const name_knowledge& all_names) {
    std::vector<workload_snapshot> out;
    snapshots(scope, all_names, [&](workload_snapshot taken) { out.push_back(std::move(taken)); });
    return out;
}

void aggregator::snapshots(flush_scope scope, const name_knowledge& all_names,
                           const std::function<void(workload_snapshot)>& take) {
    settle();
    on_other_names(all_names);
    const bool with_evidence = scope != flush_scope::new_rules;
    for (auto& [key, state] : workloads_) {
        if (!is_in(scope, state)) continue;
        workload_snapshot taken = snapshot_of(key, state, all_names_, with_evidence || options_.counts_matter);
        state.rules_changed = false;
        if (with_evidence) state.changed = false;
        if (scope == flush_scope::last) state.rules.forget_samples();
        take(std::move(taken));
    }
}

std::size_t shard_of(const candidate& candidate, std::size_t shards) {
    return share_of(candidate.subject_namespace, *candidate.subject->labels) % shards;
}

}  // namespace cpg
