// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <iostream>

#include "base/duration.hpp"
#include "base/files.hpp"
#include "cli/commands.hpp"
#include "output/evidence_paths.hpp"
#include "output/health.hpp"

namespace cpg {

namespace {

using counts = std::map<std::string, std::uint64_t>;

health_report health_of(const session_result& result) {
    health_report report{.classifier_version = std::string(classifier_version),
                         .started_ns = result.started_ns,
                         .ended_ns = result.ended_ns,
                         .flows_seen = result.counts.flows,
                         .drops = {}};
    for (const auto& [reason, of] : result.counts.sick)
        report.drops.push_back({.reason = std::string(reason->name),
                                .infra = reason->of == drop_class::infra,
                                .hint = std::string(reason->hint),
                                .count = of.count,
                                .by_node = of.by_node,
                                .by_workload = of.by_workload});
    return report;
}

counts ignored_reasons(const triage_counts& of) {
    counts out;
    for (const auto& [reason, count] : of.ignored_reasons)
        out[std::string(reason->name)] = count;
    return out;
}

counts ignored_protocols(const triage_counts& of) {
    counts out;
    for (const auto& [protocol, count] : of.ignored_protocols)
        out[std::string(to_string(protocol))] = count;
    return out;
}

counts sick_by_reason(const triage_counts& of, drop_class wanted) {
    counts out;
    for (const auto& [reason, count] : of.sick)
        if (reason->of == wanted) out[std::string(reason->name)] = count.count;
    return out;
}

counts unhandled_by_reason(const triage_counts& of) {
    counts out;
    for (std::size_t i = 0; i < of.unhandled.size(); ++i)
        if (of.unhandled[i] > 0) out[std::string(to_string(static_cast<unhandled>(i)))] = of.unhandled[i];
    return out;
}

log_fields summary_of(const session_settings& settings, const session_result& result, bool replay) {
    const triage_counts& of = result.counts;
    const auto milliseconds = std::chrono::milliseconds((result.ended_ns - result.started_ns) / 1'000'000);
    const bool dry_run = settings.writer.dry_run;
    log_fields fields = {{"duration", format_duration(milliseconds)},
                         {"flows_seen", of.flows},
                         {"flows_not_dropped", of.not_dropped},
                         {dry_run ? "policies_would_write" : "policies_written", result.policies_written},
                         {dry_run ? "policies_would_skip" : "policies_skipped", result.policies_unchanged},
                         {"policies_failed", result.policies_failed},
                         {"lost_events", result.lost_by_source},
                         {"http_records", of.http_records},
                         {"dns_records", of.dns_records},
                         {"ignored_by_protocol", ignored_protocols(of)},
                         {"ignored_by_drop_reason", ignored_reasons(of)},
                         {"noise", of.noise},
                         {"infra_drops", sick_by_reason(of, drop_class::infra)},
                         {"transient_drops", sick_by_reason(of, drop_class::transient)},
                         {"unhandled", unhandled_by_reason(of)}};
    if (replay) {
        fields.emplace_back("lines_read", result.lines);
        fields.emplace_back("lines_skipped", result.malformed);
        fields.emplace_back("other_events", result.other_events);
    } else {
        fields.emplace_back("nodes_unavailable", result.unavailable_nodes);
    }
    if (result.flushes_skipped > 0) fields.emplace_back("flushes_skipped", result.flushes_skipped);
    if (result.evidence_failed > 0) fields.emplace_back("evidence_failed", result.evidence_failed);
    fields.emplace_back("output_dir", settings.writer.output_dir.string());
    return fields;
}

// Returns what the block says of the file.
std::string write_health(const session_settings& settings, const health_report& health, logger& log) {
    if (!settings.evidence) return "(evidence disabled — file not written)";
    const std::filesystem::path path = cluster_health_path(settings.evidence->folder);
    if (settings.writer.dry_run) return path.string() + " (dry-run, not written)";
    try {
        replace_file(path, health_json(health), 0600, 0700);
        return path.string();
    } catch (const file_error& error) {
        log.error("cluster health not written", {{"path", path.string()}, {"problem", error.what()}});
        return path.string() + " (could not be written)";
    }
}

}  // namespace

exit_status conclude(const parsed_options& options, const session_settings& settings, const session_result& result,
                     logger& log) {
    const health_report health = health_of(result);
    if (!health.drops.empty()) std::cout << health_block(health, write_health(settings, health, log)) << std::flush;
    if (settings.gates.l7 && result.counts.l7_records == 0)
        log.warn("--l7 set but no L7 records observed",
                 {{"workloads", std::vector<std::string>(result.workloads.begin(), result.workloads.end())},
                  {"see", "the README's section \"L7 prerequisites\""}});
    log.info("session summary", summary_of(settings, result, options.command->scope == in_replay));
    if (!result.problem.empty() || result.policies_failed > 0) return exit_status::fatal;
    if (options.is_on("fail-on-infra-drops") && health.infra_total() > 0) return exit_status::infra_drops;
    return exit_status::success;
}

}  // namespace cpg
