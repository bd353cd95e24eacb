// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/route_table.hpp"

#include <cstring>
#include <utility>

#include "base/hash.hpp"

namespace cpg {

namespace {

std::uint64_t hash_of(const route_key& key) {
    std::uint64_t halves[2];
    std::memcpy(halves, key.address.bytes.data(), sizeof halves);
    std::uint64_t hash =
        mixed(reinterpret_cast<std::uintptr_t>(key.subject), std::uint64_t{reinterpret_cast<std::uintptr_t>(key.peer)});
    hash = mixed(mixed(hash, halves[0]), halves[1]);
    return mixed(hash, (std::uint64_t{key.port} << 32) | (static_cast<std::uint64_t>(key.direction) << 24) |
                           (static_cast<std::uint64_t>(key.kind) << 16) |
                           (static_cast<std::uint64_t>(key.entity) << 8) | static_cast<std::uint64_t>(key.protocol));
}

}  // namespace

void route_table::expect(const route_key& key) const {
    const slot* const first = &slots_[hash_of(key) & (slots_.size() - 1)];
    __builtin_prefetch(first);
    __builtin_prefetch(reinterpret_cast<const char*>(first + 1) - 1);
}

// Open addressing with linear probing.
route_table::slot& route_table::slot_of(const route_key& key) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash_of(key) & mask;
    while (slots_[at].to.target && slots_[at].key != key)
        at = (at + 1) & mask;
    return slots_[at];
}

route& route_table::operator[](const route_key& key) {
    if (slot& found = slot_of(key); found.to.target) return found.to;
    if (used_ == most_routes) {
        slots_.assign(slots_.size(), {});
        used_ = 0;
    }
    if (2 * (used_ + 1) > slots_.size()) resize(2 * slots_.size());
    ++used_;
    slot& fresh = slot_of(key);
    fresh.key = key;
    return fresh.to;
}

void route_table::resize(std::size_t slots) {
    const std::vector<slot> old = std::exchange(slots_, std::vector<slot>(slots));
    for (const slot& each : old)
        if (each.to.target) slot_of(each.key) = each;
}

}  // namespace cpg
