// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/notices.hpp"

#include <tuple>
#include <utility>

#include "policy/written_keys.hpp"

namespace cpg {

namespace {

log_fields fields_of(const unhandled_note& note) {
    return {{"src", note.source},     {"dst", note.destination},          {"port", note.port},
            {"proto", note.protocol}, {"reason", to_string(note.reason)}, {"dst_labels", note.destination_labels}};
}

bool is_due(notices::clock::time_point& last) {
    const auto now = notices::clock::now();
    if (last != notices::clock::time_point{} && now - last < notices::quiet_time) return false;
    last = now;
    return true;
}

bool stands_before(const malformed_line& a, const malformed_line& b) {
    return std::tie(a.input.number, a.line) < std::tie(b.input.number, b.line);
}

}  // namespace

bool notices::is_new(const std::string& what) {
    return said_.size() < most_remembered && said_.insert(what).second;
}

void notices::on_batch(const flow_batch& batch) {
    on_malformed(batch);
    on_lost(batch);
    on_nodes(batch);
    on_flows(batch);
}

void notices::on_malformed(const flow_batch& batch) {
    malformed_ += batch.malformed_count;
    for (const malformed_line& each : batch.malformed) {
        if (first_malformed_.problem.empty() || stands_before(each, first_malformed_)) first_malformed_ = each;
        if (malformed_logged_ >= most_malformed_logged) continue;
        ++malformed_logged_;
        log_fields fields = {{"line", each.line}, {"problem", each.problem}};
        if (!each.input.name.empty()) fields.insert(fields.begin(), {"file", each.input.name});
        log_.warn("malformed line skipped", fields);
    }
}

void notices::on_lost(const flow_batch& batch) {
    if (batch.lost.empty()) return;
    for (const lost_events& each : batch.lost) {
        const std::string source = each.source.empty() ? "UNKNOWN_LOST_EVENT_SOURCE" : each.source.substr(0, 100);
        const bool is_told_apart = lost_.contains(source) || lost_.size() < limits::lost_event_sources;
        lost_[is_told_apart ? source : "(others)"] += each.number;
    }
    lost_held_back_ = true;
    if (is_due(last_lost_warning_)) warn_lost();
}

void notices::warn_lost() {
    lost_held_back_ = false;
    log_.warn("events lost: the capture is incomplete", {{"by_source", lost_}});
}

void notices::on_nodes(const flow_batch& batch) {
    bool trouble = false;
    for (const node_status& each : batch.nodes) {
        const bool gone = each.state == "NODE_UNAVAILABLE" || each.state == "NODE_ERROR" || each.state == "NODE_GONE";
        for (const std::string& node : each.nodes) {
            if (gone && unavailable_.size() < most_remembered)
                unavailable_.insert(node.substr(0, 253));
            else if (!gone)
                unavailable_.erase(node);
        }
        if (gone && !each.message.empty()) last_node_message_ = each.message.substr(0, 500);
        trouble |= gone;
    }
    if (!trouble) return;
    nodes_held_back_ = true;
    if (is_due(last_node_warning_)) warn_nodes();
}

// Relay does not say that a node is back: its flows do.
void notices::on_flows(const flow_batch& batch) {
    std::string_view last;
    for (const flow& each : batch.flows) {
        if (unavailable_.empty()) return;
        if (each.node_name != last) unavailable_.erase(std::string(each.node_name));
        last = each.node_name;
    }
}

void notices::warn_nodes() {
    nodes_held_back_ = false;
    log_fields fields = {{"nodes", std::vector<std::string>(unavailable_.begin(), unavailable_.end())}};
    if (!last_node_message_.empty()) fields.emplace_back("message", last_node_message_);
    log_.warn("nodes unavailable: their flows are missing", fields);
}

void notices::on_triage(const triage_report& report) {
    for (const reserved_subject& each : report.reserved_subjects)
        if (is_new("subject " + std::string(to_string(each.identity)) + std::string(to_string(each.direction))))
            log_.warn(
                "drops at a reserved identity: no namespaced policy selects it; write a "
                "CiliumClusterwideNetworkPolicy with a nodeSelector",
                {{"identity", to_string(each.identity)}, {"direction", to_string(each.direction)}});
    for (const std::string& reason : report.unknown_reasons)
        if (is_new("reason " + reason))
            log_.warn("drop reason that this version of cpg does not know: no rule is made of it",
                      {{"reason", reason}});
    if (report.counts.unhandled[static_cast<std::size_t>(unhandled::l7_without_flag)] > 0 && is_new("l7"))
        log_.warn("requests refused by an L7 policy were seen: no rule is made of them; --l7 makes HTTP and DNS rules");
    for (const std::string& cluster : report.subject_clusters)
        if (clusters_.size() < most_remembered && clusters_.insert(cluster).second && clusters_.size() == 2)
            warn_clusters();
    for (const std::string& policy : report.denying_policies)
        if (is_new("deny " + policy))
            log_.warn("flows denied by an explicit deny rule: no allow rule can mend that", {{"policy", policy}});
    for (const unhandled_note& note : report.notes) {
        if (noted_.size() < most_remembered) {
            if (noted_.insert(note).second) log_.debug("Unhandled flow", fields_of(note));
        } else if (!std::exchange(notes_full_, true)) {
            log_.debug("further distinct unhandled flows are only counted");
        }
    }
}

void notices::warn_clusters() {
    clusters_named_ = clusters_.size();
    if (clusters_apart_) return;
    log_.warn(
        "pods of more than one cluster: their policies go to the same folders; --by-cluster keeps them apart, "
        "--cluster takes one",
        {{"clusters", std::vector<std::string>(clusters_.begin(), clusters_.end())}});
}

void notices::on_workload(const workload_snapshot& workload) {
    if (workload.too_many_rules) on_too_many_rules(workload);
    if (workload.differing_labels.empty()) return;
    const std::string name = full_name(workload);
    if (is_new("differing " + name))
        log_.warn(
            "one selector covers pods that differ in these labels: --select-by can tell them apart",
            {{"workload", name},
             {"selector", to_string(workload.key.selector)},
             {"labels", std::vector<std::string>(workload.differing_labels.begin(), workload.differing_labels.end())}});
}

// A scan, or clients from all over the internet: nobody wants a policy of these.
void notices::on_too_many_rules(const workload_snapshot& workload) {
    constexpr std::size_t most_named = 10;
    const std::string name = full_name(workload);
    if (crowded_.size() >= most_remembered || !crowded_.insert(name).second || crowded_.size() > most_named) return;
    log_.warn(
        "flows ask for more rules than Cilium takes for one endpoint by default; those first in order are kept: write "
        "a "
        "wider rule by hand, or leave flows out",
        {{"workload", name}, {"most", std::uint64_t{limits::rules_of_a_workload}}});
}

void notices::on_too_many_workloads() {
    if (is_new("workloads"))
        log_.warn("more workloads than a cluster has identities; those first in order are kept",
                  {{"most", std::uint64_t{limits::workloads}}});
}

void notices::on_too_many_names(const policy& of) {
    const std::string name = of.pod_namespace + "/" + of.workload;
    if (is_new("names " + name))
        log_.warn("addresses with more names than a rule should have, none of which was asked for: written as CIDRs",
                  {{"workload", name},
                   {"connections", std::uint64_t{of.too_many_names}},
                   {"most_names", std::uint64_t{most_names_of_a_peer}}});
}

void notices::on_flush(const unhandled_counts& counts) {
    log_fields moved;
    for (std::size_t i = 0; i < counts.size(); ++i)
        if (counts[i] != flushed_[i]) moved.emplace_back(to_string(static_cast<unhandled>(i)), counts[i]);
    flushed_ = counts;
    if (!moved.empty()) log_.info("Unhandled flows summary", moved);
}

void notices::at_end() {
    if (malformed_ > malformed_logged_)
        log_.warn("more malformed lines were skipped",
                  {{"count", malformed_ - malformed_logged_}, {"malformed_total", malformed_}});
    if (clusters_named_ > 0 && clusters_.size() > clusters_named_) warn_clusters();
    if (lost_held_back_) warn_lost();
    if (nodes_held_back_) warn_nodes();
}

}  // namespace cpg
