// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/rule_state.hpp"

#include <algorithm>

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

}  // namespace

packet_place packet_place_of(const flow& flow) {
    const std::uint64_t node = lasting_hash(flow.node_name);
    return {.connection = connection_of(flow, node), .node = node};
}

void rule_state::add(const flow& flow, const packet_place& packet, std::string_view drop_reason, std::uint32_t port,
                     endpoint_pool& ends) {
    packets_.add(packet.connection, packet.node, flow.event_type, flow.count());
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
    pods_of_ends ends = pods();
    return {.flow_count = packets_.total(),
            .first_seen_ns = first_seen_ns_,
            .last_seen_ns = last_seen_ns_,
            .samples = samples_.list(),
            .subject_pods = std::move(ends.subjects),
            .peer_pods = std::move(ends.peers)};
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

}  // namespace cpg
