// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/place_memo.hpp"

#include "base/hash.hpp"

namespace cpg {

namespace {

// Kept labels, which name the same namespace and cluster as the flow does: their address stands for all of it.
bool tells(const endpoint& of, std::string_view pod_namespace) {
    return of.labels->kept && of.labels->pod_namespace == pod_namespace && of.labels->cluster == cluster_of(of);
}

}  // namespace

place_memo::entry* place_memo::workload_of(const candidate& of) const {
    if (!tells(*of.subject, of.subject_namespace)) return nullptr;
    const label_set* const labels = of.subject->labels;
    if (labels->number >= subjects_.size()) return nullptr;
    const subject& known = subjects_[labels->number];
    return known.labels == labels ? known.workload : nullptr;
}

void place_memo::remember(const candidate& of, entry& workload) {
    if (!tells(*of.subject, of.subject_namespace)) return;
    const label_set* const labels = of.subject->labels;
    if (labels->number >= subjects_.size()) subjects_.resize(labels->number + 1);
    subjects_[labels->number] = {labels, &workload};
}

shared_selector place_memo::peer_of(const candidate& of) {
    if (!tells(*of.peer, of.peer_namespace)) return shared(peer_selector(of));
    const std::string_view subject_cluster = cluster_of(*of.subject);
    const std::string_view peer_cluster = of.peer->labels->cluster;
    const seen_from key = {
        .peer = of.peer->labels->kin,
        .other_namespace = of.peer_namespace != of.subject_namespace,
        .other_cluster = !subject_cluster.empty() && !peer_cluster.empty() && subject_cluster != peer_cluster};
    if (const auto found = peers_.find(key); found != peers_.end()) return found->second;
    if (peers_.size() >= most) peers_.clear();
    return peers_[key] = shared(peer_selector(of));
}

shared_selector place_memo::shared(selector labels) {
    if (selectors_.size() >= most) selectors_.clear();
    return *selectors_.insert(std::move(labels)).first;
}

void place_memo::forget() {
    *this = {};
}

std::size_t place_memo::selector_hash::operator()(const shared_selector& labels) const {
    return labels.hash();
}

std::size_t place_memo::seen_from_hash::operator()(const seen_from& key) const {
    return mixed(reinterpret_cast<std::uintptr_t>(key.peer),
                 std::uint64_t{key.other_namespace} << 1 | std::uint64_t{key.other_cluster});
}

}  // namespace cpg
