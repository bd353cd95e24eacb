// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "classify/triage.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/keep_first.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "classify/flow_end.hpp"

namespace cpg {

namespace {

// Names of nodes and workloads come from the capture: beyond this many they are counted together. Those that stand
// first in the alphabet are kept, so that the order of the flows does not matter: a name that had to go is behind all
// that are there, and stays so.
constexpr std::size_t most_names = limits::names;
constexpr std::string_view all_others = "(others)";
constexpr std::size_t most_name_bytes = 253;

void count_name(std::map<std::string, std::uint64_t>& counts, std::string_view name, std::uint64_t by) {
    const auto found = counts.find(std::string(name));
    if (found != counts.end()) {
        found->second += by;
        return;
    }
    counts.emplace(name, by);
    const std::size_t names = counts.size() - counts.count(std::string(all_others));
    if (names <= most_names) return;
    auto last = std::prev(counts.end());
    // A name that begins with a space, say, stands before it.
    if (last->first == all_others) --last;
    const std::uint64_t moved = last->second;
    counts.erase(last);
    counts[std::string(all_others)] += moved;
}

std::string pod_text(const endpoint& endpoint, std::string_view ip) {
    if (!endpoint.present) return ip.empty() ? "none" : std::string(ip.substr(0, most_name_bytes));
    std::string_view name = endpoint.labels->workload;
    if (name.empty()) name = endpoint.workload;
    if (name.empty()) name = endpoint.pod_name;
    if (name.empty() && endpoint.labels->reserved != reserved_identity::none)
        name = to_string(endpoint.labels->reserved);
    if (name.empty()) name = ip;
    std::string out(namespace_of(endpoint).substr(0, most_name_bytes));
    return out + (out.empty() ? "" : "/") + std::string(name.substr(0, most_name_bytes));
}

// The side that dropped; without a direction the pod, of which there is mostly one.
std::string affected_workload(const flow& flow) {
    const bool at_source = flow.direction == direction::egress ||
                           (flow.direction == direction::unknown && namespace_of(flow.destination).empty());
    return at_source ? pod_text(flow.source, flow.source_ip) : pod_text(flow.destination, flow.destination_ip);
}

unhandled_note note_of(const flow& flow, unhandled why) {
    unhandled_note note{.source = pod_text(flow.source, flow.source_ip),
                        .destination = pod_text(flow.destination, flow.destination_ip),
                        .port = std::to_string(flow.destination_port),
                        .protocol = std::string(to_string(flow.protocol)),
                        .reason = why,
                        .destination_labels = {}};
    constexpr std::size_t most_labels = 32;
    for (const std::string_view label : flow.destination.labels->raw)
        if (note.destination_labels.size() < most_labels) note.destination_labels.emplace_back(label.substr(0, 400));
    return note;
}

class batch_triage {
  public:
    batch_triage(const gates& gates, std::size_t shards, std::size_t flows, bool want_notes)
        : gates_(gates), want_notes_(want_notes) {
        report_.shards.resize(shards);
        // Most flows of a capture are kept, and most shards get about as many.
        for (auto& each : report_.shards)
            each.reserve(flows / shards);
        report_.answers.resize(shards);
    }

    void add(const flow& flow, std::size_t (*shard_of)(const candidate&, std::size_t)) {
        report_.counts.flows += flow.count();
        count_record(flow);
        note_namespaces(flow);
        if (const auto answer = gates_.answer_in(flow))
            report_.answers[shard_of(*answer, report_.answers.size())].push_back(*answer);
        if (gates_.shows_connection(flow)) return add_connection(flow, shard_of);
        const judgement judged = gates_.judge(flow);
        triage_counts& counts = report_.counts;
        switch (judged.outcome) {
            case outcome::not_dropped: counts.not_dropped += flow.count(); break;
            case outcome::ignored_reason: counts.ignored_reasons[judged.reason] += flow.count(); break;
            case outcome::ignored_protocol: counts.ignored_protocols[flow.protocol] += flow.count(); break;
            case outcome::noise: counts.noise += flow.count(); break;
            case outcome::health_drop: count_health_drop(flow, judged.reason); break;
            case outcome::unhandled:
                note_reserved_subject(flow, judged);
                count_unhandled(flow, judged);
                break;
            case outcome::kept: keep(judged, shard_of); break;
        }
    }

    triage_report take() { return std::move(report_); }

  private:
    void keep(const judgement& judged, std::size_t (*shard_of)(const candidate&, std::size_t)) {
        const std::uint64_t count = judged.candidate.flow->count();
        report_.counts.kept += count;
        if (judged.candidate.has_names) report_.counts.named += count;
        note_cluster(cluster_of(*judged.candidate.subject));
        report_.shards[shard_of(judged.candidate, report_.shards.size())].push_back({judged.candidate, judged.reason});
    }

    // A rule for each end that is a pod of a namespace that was asked for. Where neither is, why not says the end that
    // comes nearest to one.
    void add_connection(const flow& flow, std::size_t (*shard_of)(const candidate&, std::size_t)) {
        const std::array ends = {gates_.judge_end(flow, direction::egress), gates_.judge_end(flow, direction::ingress)};
        for (const judgement& end : ends)
            if (end.outcome == outcome::kept) keep(end, shard_of);
        const auto is_kept = [](const judgement& end) { return end.outcome == outcome::kept; };
        if (std::ranges::any_of(ends, is_kept)) {
            report_.counts.connections += flow.count();
        } else if (ends[0].outcome == outcome::ignored_protocol) {
            report_.counts.ignored_protocols[flow.protocol] += flow.count();
        } else {
            // Nothing is denied there, so nobody needs a policy for a subject that is no pod.
            count_unhandled(flow, is_no_pod(ends[0]) ? ends[1] : ends[0]);
        }
    }

    static bool is_no_pod(const judgement& end) {
        return end.why == unhandled::reserved_identity || end.why == unhandled::nil_endpoint ||
               end.why == unhandled::empty_namespace;
    }

    // Flows of one cluster come in a row: only a change costs anything.
    void note_cluster(std::string_view cluster) {
        if (cluster == last_cluster_) return;
        last_cluster_ = cluster;
        if (report_.subject_clusters.size() < most_names) report_.subject_clusters.emplace(cluster);
    }

    void note_namespaces(const flow& flow) {
        if (gates_.settings().namespaces.empty() || report_.namespaces.size() >= most_names) return;
        // Few namespaces repeat in all flows: one that is known costs a look-up and no allocation.
        for (const endpoint* end : {&flow.source, &flow.destination})
            if (const std::string_view found = namespace_of(*end);
                !report_.namespaces.contains(found) && is_dns_label(found))
                report_.namespaces.emplace(found);
    }

    void count_record(const flow& flow) {
        const std::uint64_t count = flow.count();
        report_.counts.by_verdict[static_cast<std::size_t>(flow.verdict)] += count;
        if (!flow.source.labels->raw.empty() || !flow.destination.labels->raw.empty())
            report_.counts.with_labels += count;
        if (flow.direction != direction::unknown) report_.counts.with_direction += count;
        if (flow.l7 == l7_record::http) report_.counts.http_records += count;
        if (flow.l7 == l7_record::dns) report_.counts.dns_records += count;
        if (flow.is_l7()) report_.counts.l7_records += count;
    }

    void count_health_drop(const flow& flow, const drop_reason* reason) {
        health_count& drops = report_.counts.health_drops[reason];
        const std::string_view node = flow.node_name.empty() ? "unknown" : flow.node_name.substr(0, most_name_bytes);
        drops.count += flow.count();
        count_name(drops.by_node, node, flow.count());
        count_name(drops.by_workload, affected_workload(flow), flow.count());
    }

    void note_reserved_subject(const flow& flow, const judgement& judged) {
        if (judged.why == unhandled::reserved_identity && judged.subject)
            report_.reserved_subjects.insert({reserved_of(*judged.subject), flow.direction});
    }

    void count_unhandled(const flow& flow, const judgement& judged) {
        report_.counts.unhandled[static_cast<std::size_t>(judged.why)] += flow.count();
        if (judged.why == unhandled::other_cluster && report_.other_clusters.size() < most_names)
            report_.other_clusters.emplace(cluster_of(*judged.subject));
        if (judged.why == unhandled::unknown_drop_reason) report_.unknown_reasons.insert(unknown_reason_name(flow));
        if (judged.why == unhandled::explicit_deny && !flow.denied_by_name.empty())
            report_.denying_policies.insert(std::string(flow.denied_by_namespace.substr(0, most_name_bytes)) + "/" +
                                            std::string(flow.denied_by_name.substr(0, most_name_bytes)));
        if (want_notes_) report_.notes.insert(note_of(flow, judged.why));
    }

    const gates& gates_;
    bool want_notes_;
    std::string_view last_cluster_;
    triage_report report_;
};

}  // namespace

void health_count::add(const health_count& other) {
    count += other.count;
    for (const auto& [name, by] : other.by_node)
        count_name(by_node, name, by);
    for (const auto& [name, by] : other.by_workload)
        count_name(by_workload, name, by);
}

void triage_findings::add(const triage_findings& other) {
    add_first(reserved_subjects, other.reserved_subjects, most_names);
    add_first(unknown_reasons, other.unknown_reasons, most_names);
    add_first(denying_policies, other.denying_policies, most_names);
    add_first(subject_clusters, other.subject_clusters, most_names);
    add_first(other_clusters, other.other_clusters, most_names);
    add_first(namespaces, other.namespaces, most_names);
}

void triage_counts::add(const triage_counts& other) {
    flows += other.flows;
    not_dropped += other.not_dropped;
    for (std::size_t i = 0; i < by_verdict.size(); ++i)
        by_verdict[i] += other.by_verdict[i];
    with_labels += other.with_labels;
    with_direction += other.with_direction;
    noise += other.noise;
    kept += other.kept;
    connections += other.connections;
    named += other.named;
    http_records += other.http_records;
    dns_records += other.dns_records;
    l7_records += other.l7_records;
    for (std::size_t i = 0; i < unhandled.size(); ++i)
        unhandled[i] += other.unhandled[i];
    for (const auto& [reason, count] : other.ignored_reasons)
        ignored_reasons[reason] += count;
    for (const auto& [protocol, count] : other.ignored_protocols)
        ignored_protocols[protocol] += count;
    for (const auto& [reason, count] : other.health_drops)
        health_drops[reason].add(count);
}

triage_report triage(const flow_batch& batch, const gates& gates, std::size_t shards,
                     std::size_t (*shard_of)(const candidate&, std::size_t), bool want_notes) {
    batch_triage running(gates, shards, batch.flows.size(), want_notes);
    for (const flow& each : batch.flows)
        running.add(each, shard_of);
    return running.take();
}

}  // namespace cpg
