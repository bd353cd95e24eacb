// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/flow_gate.hpp"

#include <algorithm>
#include <utility>

#include "base/hash.hpp"
#include "source/relay_failure.hpp"

namespace cpg {

namespace {

// Agents of old give no uuid; then it is the packet and the node that saw it.
event_identity identity_of(const flow& flow) {
    const std::uint64_t node = hash_of_text(flow.node_name);
    if (!flow.uuid.empty()) return {true, flow.time_ns, hash_of_text(flow.uuid), node};
    std::uint64_t out = mixed(node, static_cast<std::uint64_t>(flow.time_ns));
    out = mixed(mixed(out, flow.source_ip), flow.destination_ip);
    out = mixed(out, (std::uint64_t{flow.source_port} << 32) | flow.destination_port);
    return {true, flow.time_ns, mixed(out, (std::uint64_t{flow.event_type} << 32) | flow.event_sub_type), node};
}

bool is_lost(const node_status& each) {
    return each.state == "NODE_ERROR";
}

bool has_refused_mask(const node_status& each) {
    return is_lost(each) && is_refused_mask(each.message);
}

}  // namespace

flow_gate::piece::piece(std::shared_ptr<flow_gate> gate) : gate_(std::move(gate)) {
    const std::lock_guard lock(gate_->mutex_);
    ++gate_->under_way_;
}

void flow_gate::piece::admit(flow_batch& batch, replay_guard::time_point received) {
    gate_->admit(batch, received);
    end();
}

void flow_gate::piece::end() {
    if (gate_) std::exchange(gate_, nullptr)->end_piece();
}

void flow_gate::end_piece() {
    std::function<void()> act;
    {
        const std::lock_guard lock(mutex_);
        if (--under_way_ == 0) act = std::exchange(on_idle_, nullptr);
    }
    if (act) act();
}

void flow_gate::when_idle(std::function<void()> act) {
    {
        const std::lock_guard lock(mutex_);
        on_idle_ = under_way_ == 0 ? nullptr : act;
        if (on_idle_) return;
    }
    act();
}

void flow_gate::forget() {
    const std::lock_guard lock(mutex_);
    on_idle_ = nullptr;
}

void flow_gate::admit(flow_batch& batch, replay_guard::time_point received) {
    batch.lines -= drop_known(batch.flows, received);
    if (std::ranges::any_of(batch.nodes, has_refused_mask)) on_mask_refused_();
    if (std::ranges::any_of(batch.nodes, is_lost)) on_node_lost_();
}

// Where an event is remembered lies all over the memory: that is fetched for the whole piece first.
std::size_t flow_gate::drop_known(std::vector<flow>& flows, replay_guard::time_point received) {
    std::vector<event_identity> events(flows.size());
    std::ranges::transform(flows, events.begin(), identity_of);
    const std::scoped_lock lock(mutex_, known_->mutex);
    for (const event_identity& each : events)
        guard_.expect(each);
    auto event = events.begin();
    return std::erase_if(flows, [&](const flow&) { return !guard_.admit(*event++, received); });
}

void flow_gate::note_server_time(std::int64_t time_ns, replay_guard::time_point now) {
    const std::lock_guard lock(mutex_);
    guard_.admit({false, time_ns}, now);
}

std::optional<std::int64_t> flow_gate::reopen(replay_guard::time_point broken_at) const {
    const std::lock_guard lock(mutex_);
    return guard_.reopen(broken_at);
}

}  // namespace cpg
