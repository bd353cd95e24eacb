// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/samples.hpp"

#include <algorithm>
#include <functional>

namespace cpg {

namespace {

constexpr std::uint32_t verdict_event = 5;
// The two events of one packet are microseconds apart; a retransmitted SYN comes after a second (RFC 6298).
constexpr std::int64_t twin_distance_ns = 500'000'000;

// assign() reuses what a string has: replacing a sample allocates nothing once its strings have grown.
void assign(sample_endpoint& out, const endpoint& from, std::string_view ip) {
    out.pod_namespace.assign(from.pod_namespace.empty() ? std::string_view(from.labels->pod_namespace)
                                                        : from.pod_namespace);
    out.workload.assign(from.labels->workload.empty() ? from.workload : std::string_view(from.labels->workload));
    out.pod.assign(from.pod_name);
    out.ip.assign(ip);
}

void assign(sample& out, const flow& flow, std::string_view drop_reason, std::uint32_t port) {
    out.time_ns = flow.time_ns;
    assign(out.source, flow.source, flow.source_ip);
    assign(out.destination, flow.destination, flow.destination_ip);
    out.source_port = flow.source_port;
    out.port = port;
    out.protocol = flow.protocol;
    out.drop_reason.assign(drop_reason);
    out.event_type = flow.event_type;
}

bool are_twins(const sample& verdict, const sample& other) {
    const std::int64_t apart = verdict.time_ns - other.time_ns;
    return apart <= twin_distance_ns && -apart <= twin_distance_ns && verdict.source_port == other.source_port &&
           verdict.source.ip == other.source.ip && verdict.destination.ip == other.destination.ip;
}

// Each verdict stands for one event at the most: two packets in half a second are two samples.
void drop_twins(const std::vector<sample>& verdicts, std::vector<sample>& others) {
    std::vector<bool> taken(verdicts.size());
    std::erase_if(others, [&](const sample& other) {
        for (std::size_t i = 0; i < verdicts.size(); ++i)
            if (!taken[i] && are_twins(verdicts[i], other)) return taken[i] = true, true;
        return false;
    });
}

}  // namespace

void newest_samples::add(const flow& flow, std::string_view drop_reason, std::uint32_t port) {
    if (most_ == 0) return;
    add_to(flow.event_type == verdict_event ? verdicts_ : others_, flow, drop_reason, port);
}

void newest_samples::add_to(std::vector<sample>& heap, const flow& flow, std::string_view drop_reason,
                            std::uint32_t port) {
    if (heap.size() < most_) {
        assign(heap.emplace_back(), flow, drop_reason, port);
        std::ranges::push_heap(heap, std::greater<>{});
        return;
    }
    if (flow.time_ns < heap.front().time_ns) return;
    std::ranges::pop_heap(heap, std::greater<>{});
    if (flow.time_ns > heap.back().time_ns) {
        assign(heap.back(), flow, drop_reason, port);
    } else {
        sample same_time;
        assign(same_time, flow, drop_reason, port);
        heap.back() = std::max(heap.back(), same_time);
    }
    std::ranges::push_heap(heap, std::greater<>{});
}

std::vector<sample> newest_samples::list() const {
    std::vector<sample> verdicts = verdicts_;
    std::vector<sample> others = others_;
    std::ranges::sort(verdicts, std::greater<>{});
    std::ranges::sort(others, std::greater<>{});
    drop_twins(verdicts, others);
    verdicts.insert(verdicts.end(), others.begin(), others.end());
    std::ranges::sort(verdicts, std::greater<>{});
    if (verdicts.size() > most_) verdicts.resize(most_);
    return verdicts;
}

}  // namespace cpg
