// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/packet_count.hpp"

#include <algorithm>
#include <utility>

#include "flow/flow.hpp"

namespace cpg {

namespace {

std::uint32_t short_form(std::uint64_t node) {
    return static_cast<std::uint32_t>(node ^ (node >> 32));
}

}  // namespace

void packet_count::expect(std::uint64_t connection, std::uint64_t node) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[(by_node_ ? short_form(node) : connection) & (slots_.size() - 1)]);
}

void packet_count::add(std::uint64_t connection, std::uint64_t node, std::uint32_t event, std::uint64_t times) {
    if (event != drop_event) counted_ += times;
    if (event != drop_event && event != verdict_event) return;
    const std::uint32_t short_node = short_form(node);
    const auto more = static_cast<std::int64_t>(times);
    entry_of(by_node_ ? short_node : connection, short_node).more_drops += event == drop_event ? more : -more;
    if (used_ > most_connections) count_by_node();
}

void packet_count::count_by_node() {
    if (std::exchange(by_node_, true)) return;
    rebuild(4);
}

void packet_count::add(const packet_sums& other) {
    counted_ += other.counted;
    if (other.by_node) count_by_node();
    for (const packet_surplus& each : other.places)
        insert({.place = each.place, .more_drops = each.drops, .node = each.node, .used = true});
    if (used_ > most_connections) count_by_node();
}

packet_sums packet_count::sums() const {
    packet_sums out{.counted = counted_, .by_node = by_node_, .places = {}};
    for (const entry& each : slots_)
        if (each.used) out.places.push_back({.place = each.place, .node = each.node, .drops = each.more_drops});
    std::ranges::sort(out.places);
    return out;
}

std::uint64_t packet_count::total() const {
    std::uint64_t sum = counted_;
    for (const entry& entry : slots_)
        sum += static_cast<std::uint64_t>(std::max<std::int64_t>(entry.more_drops, 0));
    return sum;
}

// Open addressing with linear probing; at most three quarters full. The number of slots is a power of two: one for the
// many rules that have one connection.
packet_count::entry& packet_count::entry_of(std::uint64_t place, std::uint32_t node) {
    if (slots_.empty()) slots_.resize(1);
    const bool is_another = slots_.size() == 1 && used_ == 1 && slots_[0].place != place;
    if (is_another || (slots_.size() > 1 && (used_ + 1) * 4 > slots_.size() * 3))
        rebuild(std::max<std::size_t>(4, slots_.size() * 2));
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = place & mask;
    while (slots_[at].used && slots_[at].place != place)
        at = (at + 1) & mask;
    if (!slots_[at].used) {
        slots_[at] = {.place = place, .more_drops = 0, .node = node, .used = true};
        ++used_;
    }
    return slots_[at];
}

// Numbers of a part that somebody has tampered with may be anything: they go round, as unsigned ones do, and of two
// nodes for one connection the first in order stays, whatever order the parts come in.
void packet_count::insert(const entry& added) {
    entry& to = entry_of(by_node_ ? added.node : added.place, added.node);
    to.node = std::min(to.node, added.node);
    to.more_drops = static_cast<std::int64_t>(static_cast<std::uint64_t>(to.more_drops) +
                                              static_cast<std::uint64_t>(added.more_drops));
}

void packet_count::rebuild(std::size_t slots) {
    const std::vector<entry> old = std::exchange(slots_, std::vector<entry>(slots));
    used_ = 0;
    for (const entry& moved : old)
        if (moved.used) insert(moved);
}

}  // namespace cpg
