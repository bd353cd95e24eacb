// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/packet_count.hpp"

#include <algorithm>
#include <utility>

namespace cpg {

namespace {

// Event types of cilium:pkg/monitor/api/types.go.
constexpr std::uint32_t drop_event = 1;
constexpr std::uint32_t verdict_event = 5;

}  // namespace

void packet_count::add(std::uint64_t connection, std::uint64_t node, std::uint32_t event) {
    if (event != drop_event && event != verdict_event) {
        ++others_;
        return;
    }
    entry& found = entry_of(by_node_ ? node : connection, node);
    ++(event == drop_event ? found.drops : found.verdicts);
    if (!by_node_ && used_ > most_connections) collapse();
}

std::uint64_t packet_count::total() const {
    std::uint64_t sum = others_;
    for (const entry& of : slots_)
        sum += std::max(of.verdicts, of.drops);
    return sum;
}

// Open addressing with linear probing; at most three quarters full.
packet_count::entry& packet_count::entry_of(std::uint64_t connection, std::uint64_t node) {
    if ((used_ + 1) * 4 > slots_.size() * 3) rebuild(std::max<std::size_t>(4, slots_.size() * 2));
    std::size_t at = connection % slots_.size();
    while (slots_[at].used && slots_[at].connection != connection)
        at = (at + 1) % slots_.size();
    if (!slots_[at].used) {
        slots_[at] = {.connection = connection, .node = node, .verdicts = 0, .drops = 0, .used = true};
        ++used_;
    }
    return slots_[at];
}

void packet_count::insert(const entry& added) {
    entry& target = entry_of(by_node_ ? added.node : added.connection, added.node);
    target.verdicts += added.verdicts;
    target.drops += added.drops;
}

void packet_count::rebuild(std::size_t slots) {
    const std::vector<entry> old = std::exchange(slots_, std::vector<entry>(slots));
    used_ = 0;
    for (const entry& moved : old)
        if (moved.used) insert(moved);
}

void packet_count::collapse() {
    by_node_ = true;
    rebuild(4);
}

}  // namespace cpg
