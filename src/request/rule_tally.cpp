// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/rule_tally.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <tuple>

#include "base/keep_first.hpp"
#include "base/limits.hpp"

namespace cpg {

namespace {

auto parts(const flow_sample& sample) {
    return std::tie(sample.time_ns, *sample.source, *sample.destination, sample.source_port, sample.port,
                    sample.protocol, sample.drop_reason, sample.event_type, sample.verdict);
}

}  // namespace

std::strong_ordering operator<=>(const flow_sample& a, const flow_sample& b) {
    if (a.time_ns != b.time_ns) return a.time_ns <=> b.time_ns;
    return parts(a) <=> parts(b);
}

bool operator==(const flow_sample& a, const flow_sample& b) {
    return parts(a) == parts(b);
}

void rule_tally::add(const rule_tally& other, std::size_t most_samples) {
    flow_count += other.flow_count;
    // 0: no flow had a time.
    const bool is_earlier = other.first_seen_ns != 0 && (first_seen_ns == 0 || other.first_seen_ns < first_seen_ns);
    if (is_earlier) first_seen_ns = other.first_seen_ns;
    last_seen_ns = std::max(last_seen_ns, other.last_seen_ns);
    std::vector<flow_sample> both;
    std::ranges::merge(samples, other.samples, std::back_inserter(both), std::greater<>{});
    if (both.size() > most_samples) both.resize(most_samples);
    samples = std::move(both);
    add_first(addresses, other.addresses, limits::addresses_of_a_name);
    add_first(subject_pods, other.subject_pods, limits::pods_of_a_rule);
    add_first(peer_pods, other.peer_pods, limits::pods_of_a_rule);
}

}  // namespace cpg
