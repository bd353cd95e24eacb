// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/events_of_nodes.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace cpg {

void events_of_nodes::expect(std::uint64_t node, std::uint64_t hash) const {
    if (const auto found = nodes_.find(node); found != nodes_.end()) found->second.expect(hash);
}

bool events_of_nodes::insert(std::uint64_t node, std::uint64_t hash) {
    seen_events& seen = seen_of(node);
    return seen.insert(hash, remembered_of_each());
}

// Those that are too many share what one remembers.
seen_events& events_of_nodes::seen_of(std::uint64_t node) {
    const auto found = nodes_.find(node);
    if (found != nodes_.end()) return found->second;
    return nodes_[nodes_.size() < limits::nodes_followed ? node : 0];
}

// A ring holds at most 65,535 flows (cilium:pkg/hubble/container/capacity.go), 4,095 unless it is told otherwise.
std::size_t events_of_nodes::remembered_of_each() const {
    constexpr std::size_t largest_ring = 65'536;
    return std::min(largest_ring, limits::events_remembered / std::max<std::size_t>(nodes_.size(), 1));
}

std::size_t events_of_nodes::places() const {
    std::size_t out = 0;
    for (const auto& [name, each] : nodes_)
        out += each.places();
    return out;
}

}  // namespace cpg
