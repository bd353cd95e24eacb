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

// Direction, protocol and reason are the rule's own, so the rest of the 5-tuple names the connection.
std::uint64_t connection_of(const flow& flow, std::uint64_t node) {
    const std::uint64_t ends = mixed(mixed(node, lasting_hash(flow.source_ip)), lasting_hash(flow.destination_ip));
    return mixed(ends, (std::uint64_t{flow.source_port} << 32) | flow.destination_port);
}

// 0: no flow had a time.
std::int64_t earlier(std::int64_t a, std::int64_t b) {
    return a == 0 || b == 0 ? a + b : std::min(a, b);
}

void add_lists(std::set<name_list>& to, const std::set<name_list>& from) {
    add_first(to, from, limits::name_lists);
}

}  // namespace

void rule_state::add(const flow& flow, std::string_view drop_reason, std::uint32_t port, endpoint_pool& ends) {
    const std::uint64_t node = lasting_hash(flow.node_name);
    packets_.add(connection_of(flow, node), node, flow.event_type, flow.count());
    // A flow without a time tells nothing of when.
    first_seen_ns_ = earlier(first_seen_ns_, flow.time_ns);
    last_seen_ns_ = std::max(last_seen_ns_, flow.time_ns);
    samples_.add(flow, drop_reason, port, ends);
}

void rule_state::add_pods(const std::string* subject, const std::string* peer) {
    subjects_.add(subject);
    peers_.add(peer);
}

rule_tally rule_state::evidence() const {
    return {.flow_count = packets_.total(),
            .first_seen_ns = first_seen_ns_,
            .last_seen_ns = last_seen_ns_,
            .samples = samples_.list(),
            .subject_pods = pods().subjects,
            .peer_pods = pods().peers};
}

void pods_of_ends::add(const pods_of_ends& other) {
    add_first(subjects, other.subjects, limits::pods_of_a_rule);
    add_first(peers, other.peers, limits::pods_of_a_rule);
}

pods_of_ends rule_state::pods() const {
    pods_of_ends out{.subjects = subjects_.list(), .peers = peers_.list()};
    if (pods_elsewhere_) out.add(*pods_elsewhere_);
    return out;
}

void rule_state::add(const rule_sums& other) {
    packets_.add(other.packets);
    first_seen_ns_ = earlier(first_seen_ns_, other.first_seen_ns);
    last_seen_ns_ = std::max(last_seen_ns_, other.last_seen_ns);
    for (const flow_sample& each : other.samples)
        samples_.add(each);
    if (samples_.most() == 0) return;
    if (!pods_elsewhere_) pods_elsewhere_ = std::make_unique<pods_of_ends>();
    pods_elsewhere_->add(other.pods);
}

rule_sums rule_state::sums() const {
    return {.packets = packets_.sums(),
            .first_seen_ns = first_seen_ns_,
            .last_seen_ns = last_seen_ns_,
            .samples = samples_.all(),
            .pods = pods()};
}

void add(workload& to, const workload& from, std::size_t most_samples, std::size_t most_rules) {
    to.name = from.name;
    to.pods.add(from.pods);
    for (const auto& [key, state] : from.rules)
        to.rules.try_emplace(key, most_samples).first->second.add(state.sums());
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
    of.rules.erase(std::next(of.rules.begin(), static_cast<std::ptrdiff_t>(most_rules)), of.rules.end());
    of.too_many_rules = true;
}

std::string full_name(const workload_snapshot& workload) {
    const std::string& cluster = workload.key.cluster;
    return (cluster.empty() ? "" : cluster + "/") + workload.key.pod_namespace + "/" + workload.name;
}

std::size_t share_of(std::string_view pod_namespace, const selector& labels) {
    std::uint64_t hash = lasting_hash(pod_namespace);
    for (const auto& [key, value] : labels)
        hash = mixed(mixed(hash, lasting_hash(key)), lasting_hash(value));
    return hash % workload_shares;
}

}  // namespace cpg
