// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/workload.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace cpg {

namespace {

// Direction, protocol and reason are the rule's own, so the rest of the 5-tuple names the connection.
std::uint64_t connection_of(const flow& flow, std::uint64_t node) {
    const std::uint64_t ends = mixed(mixed(node, flow.source_ip), flow.destination_ip);
    return mixed(ends, (std::uint64_t{flow.source_port} << 32) | flow.destination_port);
}

}  // namespace

void rule_state::add(const flow& flow, std::string_view drop_reason, std::uint32_t port, endpoint_pool& ends) {
    const std::uint64_t node = hash_of_text(flow.node_name);
    packets_.add(connection_of(flow, node), node, flow.event_type, flow.count());
    // A flow without a time tells nothing of when.
    if (flow.time_ns != 0) first_seen_ns_ = first_seen_ns_ == 0 ? flow.time_ns : std::min(first_seen_ns_, flow.time_ns);
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
            .subject_pods = subjects_.list(),
            .peer_pods = peers_.list()};
}

}  // namespace cpg
