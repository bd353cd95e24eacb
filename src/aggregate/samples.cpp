// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/samples.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

namespace cpg {

namespace {

// The two events of one packet are microseconds apart; a retransmitted SYN comes after a second (RFC 6298).
constexpr std::int64_t twin_distance_ns = 500'000'000;

// Most flows of a rule have the ends of the sample that they take the place of.
void assign(std::shared_ptr<const sample_endpoint>& out, const endpoint& from, std::string_view ip,
            endpoint_pool& pool) {
    if (!out || !is_same_end(*out, from, ip)) out = pool.find(from, ip);
}

void assign(flow_sample& out, const flow& flow, std::string_view drop_reason, std::uint32_t port, endpoint_pool& pool) {
    out.time_ns = flow.time_ns;
    assign(out.source, flow.source, flow.source_ip, pool);
    assign(out.destination, flow.destination, flow.destination_ip, pool);
    out.drop_reason = drop_reason;
    out.source_port = flow.source_port;
    out.port = port;
    out.event_type = flow.event_type;
    out.protocol = flow.protocol;
    out.verdict = flow.verdict;
}

bool are_twins(const flow_sample& verdict, const flow_sample& other) {
    const std::int64_t apart = verdict.time_ns - other.time_ns;
    return apart <= twin_distance_ns && -apart <= twin_distance_ns && verdict.source_port == other.source_port &&
           verdict.source->ip == other.source->ip && verdict.destination->ip == other.destination->ip;
}

// Each verdict stands for one event at the most: two packets in half a second are two samples.
void drop_twins(const std::vector<flow_sample>& verdicts, std::vector<flow_sample>& others) {
    std::vector<bool> taken(verdicts.size());
    std::erase_if(others, [&](const flow_sample& other) {
        for (std::size_t i = 0; i < verdicts.size(); ++i)
            if (!taken[i] && are_twins(verdicts[i], other)) return taken[i] = true, true;
        return false;
    });
}

}  // namespace

// The place for one that is newer than the oldest; behind all others. The vector doesn't grow by doubling, which would
// end with room for 16 where 10 are kept.
flow_sample& newest_samples::ring::make_room(std::size_t most) {
    if (samples.size() == most) {
        oldest = (oldest + 1) % most;
        return at(most - 1);
    }
    if (samples.size() == samples.capacity()) samples.reserve(std::min(most, 2 * samples.size() + 1));
    return samples.emplace_back();
}

// Moves the one that was added to where it belongs.
void newest_samples::ring::sort_newest() {
    for (std::size_t age = samples.size() - 1; age > 0 && at(age) < at(age - 1); --age)
        std::swap(at(age), at(age - 1));
}

void newest_samples::add(const flow& flow, std::string_view drop_reason, std::uint32_t port, endpoint_pool& pool) {
    if (most_ == 0) return;
    if (!kept_) kept_ = std::make_unique<rings>();
    ring& kept = flow.event_type == verdict_event ? kept_->verdicts : kept_->others;
    const bool full = kept.samples.size() == most_;
    if (full && flow.time_ns < kept.at(0).time_ns) return;
    if (full && flow.time_ns == kept.at(0).time_ns) {
        // Which of the two is kept must not depend on which came first.
        flow_sample same_time;
        assign(same_time, flow, drop_reason, port, pool);
        if (same_time < kept.at(0)) return;
    }
    assign(kept.make_room(most_), flow, drop_reason, port, pool);
    kept.sort_newest();
}

void newest_samples::add(const flow_sample& sample) {
    if (most_ == 0) return;
    if (!kept_) kept_ = std::make_unique<rings>();
    ring& kept = sample.event_type == verdict_event ? kept_->verdicts : kept_->others;
    if (kept.samples.size() == most_ && sample < kept.at(0)) return;
    kept.make_room(most_) = sample;
    kept.sort_newest();
}

std::vector<flow_sample> newest_samples::all() const {
    if (!kept_) return {};
    std::vector<flow_sample> out = kept_->verdicts.samples;
    out.insert(out.end(), kept_->others.samples.begin(), kept_->others.samples.end());
    std::ranges::sort(out, std::greater<>{});
    return out;
}

std::vector<flow_sample> newest_samples::list() const {
    if (!kept_) return {};
    std::vector<flow_sample> verdicts = kept_->verdicts.samples;
    std::vector<flow_sample> others = kept_->others.samples;
    std::ranges::sort(verdicts, std::greater<>{});
    std::ranges::sort(others, std::greater<>{});
    drop_twins(verdicts, others);
    verdicts.insert(verdicts.end(), others.begin(), others.end());
    std::ranges::sort(verdicts, std::greater<>{});
    const auto end = verdicts.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(most_, verdicts.size()));
    // A copy of just their size: a flush has one for each rule.
    return {std::make_move_iterator(verdicts.begin()), std::make_move_iterator(end)};
}

}  // namespace cpg
