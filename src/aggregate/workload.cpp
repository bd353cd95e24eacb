// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/workload.hpp"

#include <algorithm>
#include <iterator>

#include "base/hash.hpp"
#include "base/keep_first.hpp"
#include "base/limits.hpp"

namespace cpg {

namespace {

void add_lists(std::set<name_list>& to, const std::set<name_list>& from) {
    add_first(to, from, limits::name_lists);
}

}  // namespace

void add(workload& to, const workload& from, std::size_t most_samples, std::size_t most_rules) {
    to.name = from.name;
    to.pods.add(from.pods);
    for (const rule_map::entry* const each : from.rules.sorted())
        to.rules.try_emplace(each->key.get(), most_samples).first.add(each->state.sums());
    shed_rules(to, most_rules);
    if (to.cluster.empty() || (!from.cluster.empty() && from.cluster < to.cluster)) to.cluster = from.cluster;
    add_first(to.servers, from.servers, limits::dns_servers);
    for (const auto& [server, pods] : from.server_pods)
        to.server_pods[server].add(pods);
    keep_first(to.server_pods, limits::dns_servers);
    add_first(to.domains, from.domains, most_domains);
    for (const auto& [address, names] : from.known_as) {
        add_lists(to.known_as[address].shown, names.shown);
        add_lists(to.known_as[address].answered, names.answered);
    }
    keep_first(to.known_as, limits::rules_of_a_workload);
    to.has_names |= from.has_names;
    to.too_many_rules |= from.too_many_rules;
}

void shed_rules(workload& of, std::size_t most_rules) {
    if (of.rules.size() <= most_rules) return;
    of.rules.keep_first(most_rules);
    of.too_many_rules = true;
}

std::string full_name(const workload_snapshot& workload) {
    const std::string& cluster = workload.key.cluster;
    return (cluster.empty() ? "" : cluster + "/") + workload.key.pod_namespace + "/" + workload.name;
}

std::size_t share_of(std::string_view pod_namespace, const selector& labels) {
    return place_hash_of(pod_namespace, labels) % workload_shares;
}

std::size_t share_of(std::string_view pod_namespace, const label_set& of) {
    if (of.pod_namespace != pod_namespace) return share_of(pod_namespace, of.selector);
    return of.place_hash % workload_shares;
}

}  // namespace cpg
