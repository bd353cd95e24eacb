// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/rule_map.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace cpg {

namespace {

constexpr std::size_t least_slots = 4;

std::uint64_t hash_of(const peer& peer) {
    std::uint64_t hash = mixed(static_cast<std::uint64_t>(peer.kind), peer.labels.hash());
    if (!peer.name.empty()) hash = mixed(hash, peer.name);
    for (const std::string& name : peer.names)
        hash = mixed(hash, name);
    return hash;
}

std::uint32_t hash_of(const rule_key& key) {
    std::uint64_t hash = mixed(hash_of(key.peer), (static_cast<std::uint64_t>(key.direction) << 32) |
                                                      (static_cast<std::uint64_t>(key.protocol) << 16) | key.port);
    if (key.l7.kind != l7_kind::none) hash = mixed(mixed(hash, key.l7.method), key.l7.value);
    return static_cast<std::uint32_t>(hash);
}

}  // namespace

packed_key::packed_key(rule_key key)
    : labels_(std::move(key.peer.labels)),
      direction_(key.direction),
      kind_(key.peer.kind),
      protocol_(key.protocol),
      port_(key.port) {
    if (!key.peer.name.empty() || !key.peer.names.empty())
        names_ = std::make_unique<const names>(names{std::move(key.peer.name), std::move(key.peer.names)});
    if (key.l7 != l7_match{}) match_ = std::make_unique<const l7_match>(std::move(key.l7));
}

const packed_key::names& packed_key::no_names() {
    static const names none;
    return none;
}

const l7_match& packed_key::no_match() {
    static const l7_match none;
    return none;
}

rule_key packed_key::get() const {
    const names& of_peer = names_or_none();
    return {.direction = direction_,
            .peer = {.kind = kind_, .labels = labels_, .name = of_peer.name, .names = of_peer.all},
            .protocol = protocol_,
            .port = port_,
            .l7 = match_or_none()};
}

bool packed_key::is(const rule_key& key) const {
    const names& of_peer = names_or_none();
    return direction_ == key.direction && kind_ == key.peer.kind && protocol_ == key.protocol && port_ == key.port &&
           labels_ == key.peer.labels && of_peer.name == key.peer.name && of_peer.all == key.peer.names &&
           match_or_none() == key.l7;
}

std::strong_ordering packed_key::operator<=>(const packed_key& other) const {
    if (const auto order = direction_ <=> other.direction_; order != 0) return order;
    if (const auto order = kind_ <=> other.kind_; order != 0) return order;
    if (const auto order = labels_ <=> other.labels_; order != 0) return order;
    if (const auto order = names_or_none() <=> other.names_or_none(); order != 0) return order;
    if (const auto order = protocol_ <=> other.protocol_; order != 0) return order;
    if (const auto order = port_ <=> other.port_; order != 0) return order;
    return match_or_none() <=> other.match_or_none();
}

// Open addressing with linear probing.
rule_map::slot& rule_map::free_slot(std::uint32_t hash) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at].number != 0)
        at = (at + 1) & mask;
    return slots_[at];
}

rule_map::entry* rule_map::find(std::uint32_t hash, const rule_key& key) {
    if (slots_.empty()) return nullptr;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash & mask; slots_[at].number != 0; at = (at + 1) & mask) {
        if (slots_[at].hash != hash) continue;
        if (entry* const each = entries_[slots_[at].number - 1].get(); each->key.is(key)) return each;
    }
    return nullptr;
}

void rule_map::grow() {
    const std::size_t slots = std::max(least_slots, 2 * slots_.size());
    for (const slot& each : std::exchange(slots_, std::vector<slot>(slots)))
        if (each.number != 0) free_slot(each.hash) = each;
}

std::pair<rule_state&, bool> rule_map::try_emplace(rule_key key, std::size_t most_samples) {
    const std::uint32_t hash = hash_of(key);
    if (entry* const known = find(hash, key)) return {known->state, false};
    if (3 * (entries_.size() + 1) > 2 * slots_.size()) grow();
    entries_.push_back(std::make_unique<entry>(std::move(key), most_samples));
    free_slot(hash) = {hash, static_cast<std::uint32_t>(entries_.size())};
    return {entries_.back()->state, true};
}

std::vector<const rule_map::entry*> rule_map::sorted() const {
    std::vector<const entry*> out;
    out.reserve(entries_.size());
    for (const auto& each : entries_)
        out.push_back(each.get());
    std::ranges::sort(out, [](const entry* a, const entry* b) { return a->key < b->key; });
    return out;
}

void rule_map::forget_samples() {
    for (const auto& each : entries_)
        each->state.forget_samples();
}

void rule_map::keep_first(std::size_t most) {
    if (entries_.size() <= most) return;
    const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(most);
    std::ranges::nth_element(entries_, end, [](const auto& a, const auto& b) { return a->key < b->key; });
    entries_.erase(end, entries_.end());
    slots_.assign(slots_.size(), {});
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const std::uint32_t hash = hash_of(entries_[i]->key.get());
        free_slot(hash) = {hash, static_cast<std::uint32_t>(i + 1)};
    }
}

}  // namespace cpg
