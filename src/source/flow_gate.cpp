// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/flow_gate.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace cpg {

namespace {

// Agents of old give no uuid; then it is the packet and the node that saw it.
event_identity identity_of(const flow& flow) {
    if (!flow.uuid.empty()) return {true, flow.time_ns, hash_of_text(flow.uuid)};
    std::uint64_t out = mixed(hash_of_text(flow.node_name), static_cast<std::uint64_t>(flow.time_ns));
    out = mixed(mixed(out, flow.source_ip), flow.destination_ip);
    out = mixed(out, (std::uint64_t{flow.source_port} << 32) | flow.destination_port);
    return {true, flow.time_ns, mixed(out, (std::uint64_t{flow.event_type} << 32) | flow.event_sub_type)};
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
