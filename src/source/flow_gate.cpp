// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/flow_gate.hpp"

#include <algorithm>
#include <functional>

namespace cpg {

namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15ull;
    return hash ^ (hash >> 32);
}

// Agents of old give no uuid; then it is the packet and the node that saw it.
event_identity identity_of(const flow& of) {
    const std::hash<std::string_view> hash;
    if (!of.uuid.empty()) return {true, of.time_ns, hash(of.uuid)};
    std::uint64_t out = mix(hash(of.node_name), static_cast<std::uint64_t>(of.time_ns));
    out = mix(mix(out, hash(of.source_ip)), hash(of.destination_ip));
    out = mix(out, (std::uint64_t{of.source_port} << 32) | of.destination_port);
    return {true, of.time_ns, mix(out, (std::uint64_t{of.event_type} << 32) | of.event_sub_type)};
}

}  // namespace

void flow_gate::expect_piece() {
    const std::lock_guard lock(mutex_);
    ++under_way_;
}

void flow_gate::admit(flow_batch& batch) {
    const std::lock_guard lock(mutex_);
    --under_way_;
    const replay_guard::time_point any{};
    batch.lines -= std::erase_if(batch.flows, [&](const flow& each) { return !guard_.admit(identity_of(each), any); });
}

void flow_gate::note_server_time(std::int64_t time_ns, replay_guard::time_point now) {
    const std::lock_guard lock(mutex_);
    guard_.admit({false, time_ns, 0}, now);
}

std::optional<std::int64_t> flow_gate::reopen(replay_guard::time_point now) {
    const std::lock_guard lock(mutex_);
    return guard_.reopen(now);
}

bool flow_gate::is_idle() const {
    const std::lock_guard lock(mutex_);
    return under_way_ == 0;
}

}  // namespace cpg
