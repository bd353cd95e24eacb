// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/seen_events.hpp"

#include <random>
#include <utility>

#include "base/hash.hpp"

namespace cpg {

namespace {

constexpr std::size_t least_places = 64;

// Of this process alone: who sends events can't know which of them would crowd at one place.
std::uint64_t scatter(std::uint64_t hash) {
    static const std::uint64_t odd = (std::uint64_t{std::random_device{}()} << 32 | std::random_device{}()) | 1;
    return mixed(hash, odd);
}

// Where the hash is, or the free place that it would take. Never called on an empty table; one is never full.
std::size_t place_of(const std::vector<std::uint64_t>& places, std::uint64_t hash) {
    const std::size_t mask = places.size() - 1;
    std::size_t at = scatter(hash) & mask;
    while (places[at] != 0 && places[at] != hash)
        at = (at + 1) & mask;
    return at;
}

}  // namespace

void seen_events::table::expect(std::uint64_t hash) const {
    if (!places.empty()) __builtin_prefetch(&places[scatter(hash) & (places.size() - 1)]);
}

bool seen_events::table::contains(std::uint64_t hash) const {
    return !places.empty() && places[place_of(places, hash)] == hash;
}

void seen_events::table::insert(std::uint64_t hash) {
    if (2 * (used + 1) > places.size()) grow();
    places[place_of(places, hash)] = hash;
    ++used;
}

void seen_events::table::grow() {
    std::vector<std::uint64_t> larger(places.empty() ? least_places : 2 * places.size());
    for (const std::uint64_t hash : places)
        if (hash != 0) larger[place_of(larger, hash)] = hash;
    places = std::move(larger);
}

void seen_events::expect(std::uint64_t hash) const {
    younger_.expect(hash);
    elder_.expect(hash);
}

bool seen_events::insert(std::uint64_t hash, std::size_t most) {
    if (hash == 0) hash = 1;
    if (younger_.contains(hash) || elder_.contains(hash)) return false;
    if (younger_.used >= most) elder_ = std::exchange(younger_, {});
    younger_.insert(hash);
    return true;
}

}  // namespace cpg
