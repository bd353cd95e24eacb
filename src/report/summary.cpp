// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/summary.hpp"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace cpg {

namespace {

constexpr std::size_t label_width = 12;

// The largest of them; all are in the line of counters.
std::string largest(const named_counts& counts) {
    constexpr std::size_t most_shown = 3;
    std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
    std::ranges::stable_sort(sorted, std::greater<>{}, [](const auto& each) { return each.second; });
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < std::min(most_shown, sorted.size()); ++i)
        parts.push_back(grouped(sorted[i].second) + " " + printable(sorted[i].first));
    if (sorted.size() > most_shown) parts.push_back(std::to_string(sorted.size() - most_shown) + " more");
    return join(parts, ", ");
}

named_counts together(named_counts counts, const named_counts& others) {
    counts.insert(others.begin(), others.end());
    return counts;
}

// What is not zero, as `12 written, 3 unchanged`.
std::string counted(std::initializer_list<std::pair<std::uint64_t, std::string_view>> counts) {
    std::vector<std::string> parts;
    for (const auto& [count, what] : counts)
        if (count > 0) parts.push_back(grouped(count) + " " + std::string(what));
    return parts.empty() ? "none" : join(parts, ", ");
}

std::string input_text(const session_summary& summary) {
    const std::string time = format_duration(summary.duration);
    if (!summary.capture) return time;
    const capture_summary& capture = *summary.capture;
    return time + ", " +
           counted({{capture.lines_read, "lines read"},
                    {capture.lines_skipped, "lines skipped"},
                    {capture.other_events, "other events"}});
}

std::string flows_text(const session_summary& summary) {
    return counted({{summary.flows_seen, "seen"},
                    {summary.flows_not_dropped, "not dropped"},
                    {summary.flows_audit, "audited"},
                    {summary.connections_allowed, "allowed connections"},
                    {summary.http_records, "HTTP records"},
                    {summary.dns_records, "DNS records"},
                    {summary.noise, "noise"}});
}

std::string policies_text(const session_summary& summary) {
    return counted({{summary.policies_written, summary.dry_run ? "would be written" : "written"},
                    {summary.policies_skipped, "unchanged"},
                    {summary.policies_failed, "failed"},
                    {summary.crowded_workloads, "with too many rules"}});
}

}  // namespace

std::string summary_text(const session_summary& summary, std::string_view next) {
    std::string out;
    const auto line = [&](std::string label, const std::string& text) {
        if (text.empty()) return;
        label.resize(label_width, ' ');
        out += label + text + "\n";
    };
    named_counts lost = summary.lost_events;
    for (const std::string& node : summary.nodes_unavailable)
        lost.emplace("node " + node + " unavailable", 1);
    line("Session", input_text(summary));
    line("Flows", flows_text(summary));
    line("Policies", policies_text(summary));
    line("Output", printable(summary.output_dir) + (summary.dry_run ? " (dry run: nothing was written)" : ""));
    line("Unhandled", largest(summary.unhandled));
    line("Ignored", largest(together(summary.ignored_by_protocol, summary.ignored_by_drop_reason)));
    line("Infra", largest(together(summary.infra_drops, summary.transient_drops)));
    line("Lost", largest(lost));
    if (summary.evidence_failed > 0) line("Evidence", grouped(summary.evidence_failed) + " files not written");
    line("Next", std::string(next));
    return out;
}

log_fields summary_fields(const session_summary& summary) {
    log_fields fields = {{"duration", format_duration(summary.duration)},
                         {"flows_seen", summary.flows_seen},
                         {"flows_not_dropped", summary.flows_not_dropped},
                         {summary.dry_run ? "policies_would_write" : "policies_written", summary.policies_written},
                         {summary.dry_run ? "policies_would_skip" : "policies_skipped", summary.policies_skipped},
                         {"policies_failed", summary.policies_failed},
                         {"lost_events", summary.lost_events},
                         {"http_records", summary.http_records},
                         {"dns_records", summary.dns_records},
                         {"ignored_by_protocol", summary.ignored_by_protocol},
                         {"ignored_by_drop_reason", summary.ignored_by_drop_reason},
                         {"noise", summary.noise},
                         {"infra_drops", summary.infra_drops},
                         {"transient_drops", summary.transient_drops},
                         {"unhandled", summary.unhandled}};
    if (summary.capture) {
        fields.emplace_back("lines_read", summary.capture->lines_read);
        fields.emplace_back("lines_skipped", summary.capture->lines_skipped);
        fields.emplace_back("other_events", summary.capture->other_events);
    } else {
        fields.emplace_back("nodes_unavailable", summary.nodes_unavailable);
    }
    if (summary.connections_allowed > 0) fields.emplace_back("connections_allowed", summary.connections_allowed);
    if (summary.flows_audit > 0) fields.emplace_back("flows_audit", summary.flows_audit);
    if (summary.crowded_workloads > 0) fields.emplace_back("workloads_with_too_many_rules", summary.crowded_workloads);
    if (summary.flushes_skipped > 0) fields.emplace_back("flushes_skipped", summary.flushes_skipped);
    if (summary.evidence_failed > 0) fields.emplace_back("evidence_failed", summary.evidence_failed);
    fields.emplace_back("output_dir", summary.output_dir);
    return fields;
}

}  // namespace cpg
