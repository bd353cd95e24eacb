// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "base/folder.hpp"
#include "base/print.hpp"
#include "base/terminal.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/session_flags.hpp"
#include "cli/session_verdict.hpp"
#include "evidence/file.hpp"
#include "evidence/paths.hpp"
#include "report/health.hpp"
#include "report/shown_diff.hpp"
#include "report/summary.hpp"

namespace cpg {

namespace {

health_report health_of(const session_result& result) {
    health_report report{.classifier_version = std::string(classifier_version),
                         .started_ns = result.started_ns,
                         .ended_ns = result.ended_ns,
                         .flows_seen = result.counts.flows,
                         .drops = {}};
    for (const auto& [reason, drops] : result.counts.health_drops)
        report.drops.push_back({.reason = std::string(reason->name),
                                .infra = reason->kind == drop_class::infra,
                                .hint = std::string(reason->hint),
                                .count = drops.count,
                                .by_node = drops.by_node,
                                .by_workload = drops.by_workload});
    return report;
}

named_counts ignored_reasons(const triage_counts& counts) {
    named_counts out;
    for (const auto& [reason, count] : counts.ignored_reasons)
        out[std::string(reason->name)] = count;
    return out;
}

named_counts ignored_protocols(const triage_counts& counts) {
    named_counts out;
    for (const auto& [protocol, count] : counts.ignored_protocols)
        out[std::string(to_string(protocol))] = count;
    return out;
}

named_counts drops_of_class(const triage_counts& counts, drop_class wanted) {
    named_counts out;
    for (const auto& [reason, drops] : counts.health_drops)
        if (reason->kind == wanted) out[std::string(reason->name)] = drops.count;
    return out;
}

named_counts unhandled_by_reason(const triage_counts& counts) {
    named_counts out;
    for (std::size_t i = 0; i < counts.unhandled.size(); ++i)
        if (counts.unhandled[i] > 0) out[std::string(to_string(static_cast<unhandled>(i)))] = counts.unhandled[i];
    return out;
}

session_summary summary_of(const session_settings& settings, const session_result& result, bool replay) {
    const triage_counts& counts = result.counts;
    session_summary out{
        .duration = std::chrono::milliseconds((result.ended_ns - result.started_ns) / 1'000'000),
        .flows_seen = counts.flows,
        .flows_not_dropped = counts.not_dropped,
        .flows_audit = settings.gates.audit ? counts.by_verdict[static_cast<std::size_t>(verdict::audit)] : 0,
        .connections_allowed = counts.connections,
        .dry_run = settings.writer.dry_run,
        .policies_written = result.policies_written,
        .policies_skipped = result.policies_unchanged,
        .policies_failed = result.policies_failed,
        .lost_events = result.lost_by_source,
        .http_records = counts.http_records,
        .dns_records = counts.dns_records,
        .ignored_by_protocol = ignored_protocols(counts),
        .ignored_by_drop_reason = ignored_reasons(counts),
        .noise = counts.noise,
        .infra_drops = drops_of_class(counts, drop_class::infra),
        .transient_drops = drops_of_class(counts, drop_class::transient),
        .unhandled = unhandled_by_reason(counts),
        .capture = {},
        .nodes_unavailable = result.unavailable_nodes,
        .flushes_skipped = result.flushes_skipped,
        .crowded_workloads = result.crowded_workloads,
        .evidence_failed = result.evidence_failed,
        .output_dir = settings.writer.output_dir.string()};
    if (replay) out.capture = {result.lines, result.malformed, result.other_events};
    return out;
}

// Returns what the block says of the file.
std::string write_health(const session_settings& settings, const health_report& health, logger& log) {
    if (!settings.evidence) return "(evidence disabled — file not written)";
    const std::filesystem::path path = cluster_health_path(settings.evidence->folder);
    if (settings.writer.dry_run) return path.string() + " (dry-run, not written)";
    try {
        folder(settings.evidence->folder, evidence_modes).replace(cluster_health_path({}), health_json(health));
        return path.string();
    } catch (const file_error& error) {
        log.error("cluster health not written", {{"path", path.string()}, {"problem", error.what()}});
        return path.string() + " (could not be written)";
    }
}

std::vector<std::string> first_of(const auto& names) {
    constexpr std::size_t most_named = 20;
    std::vector<std::string> out(names.begin(), names.end());
    if (out.size() > most_named) out.resize(most_named);
    return out;
}

named_counts verdicts_of(const triage_counts& counts) {
    named_counts out;
    for (std::size_t i = 0; i < counts.by_verdict.size(); ++i)
        if (counts.by_verdict[i] > 0) out[std::string(to_string(static_cast<verdict>(i)))] = counts.by_verdict[i];
    return out;
}

bool was_refused(const triage_counts& counts, unhandled why) {
    return counts.unhandled[static_cast<std::size_t>(why)] > 0;
}

// Empty where flows count by their verdict, or no warning is due.
std::string_view why_no_verdict_counts(const gate_settings& gates, const triage_counts& counts) {
    const auto seen = [&](verdict which) { return counts.by_verdict[static_cast<std::size_t>(which)]; };
    if (seen(verdict::unknown) == counts.flows)
        return "no flow has the member 'verdict': a field mask has cut it, and nothing can be told of what was denied";
    if (gates.audit && seen(verdict::audit) == 0)
        return "--include-audit set but no flow has the verdict AUDIT: audit mode is off (policy-audit-mode of the "
               "agent, "
               "or PolicyAuditMode of the endpoint), no policy selects the pods, or the capture was filtered by "
               "verdict";
    if (counts.kept == 0 && was_refused(counts, unhandled::outside_window))
        return "no flow that makes a rule lies between --since and --until";
    if (gates.forwarded && counts.connections == 0)
        return "--include-forwarded set but no flow shows an allowed connection that opens: the capture may lack "
               "traces at "
               "TO_ENDPOINT and the like, or have been filtered";
    if (seen(verdict::dropped) > 0 || counts.kept > 0) return {};
    if (!gates.audit && seen(verdict::audit) > 0)
        return "flows, but none that was DROPPED, of which alone rules are made; --include-audit makes some of AUDIT "
               "too";
    if (!gates.forwarded && !gates.l7 && counts.l7_records == 0 && seen(verdict::forwarded) > 0)
        return "flows, but none that was DROPPED, of which alone rules are made; --include-forwarded makes some of "
               "connections that are allowed";
    if (!gates.l7 && counts.l7_records > 0)
        return "flows, but none that was DROPPED, of which alone rules are made; --l7 makes some of L7 requests too";
    return "flows, but none that was DROPPED, of which alone rules are made";
}

// A capture of infra drops, say, needs neither member.
void warn_of_cut_members(const triage_counts& counts, logger& log) {
    if (counts.with_labels == 0 && counts.kept == 0 &&
        (was_refused(counts, unhandled::no_usable_labels) || was_refused(counts, unhandled::empty_namespace)))
        log.warn(
            "no flow has the members 'source.labels' and 'destination.labels': a field mask has cut them, and "
            "no workload can be told");
    if (counts.with_direction == 0 && was_refused(counts, unhandled::unknown_direction))
        log.warn(
            "no flow has the member 'traffic_direction': a field mask has cut it, and nothing tells which side "
            "denied");
}

// What was asked for and did not come up, with what did.
void warn_of_absent(const gate_settings& gates, const session_result& result, logger& log) {
    if (!gates.cluster.empty() && result.counts.kept == 0 && was_refused(result.counts, unhandled::other_cluster))
        log.warn("no flow was denied at a pod of this cluster",
                 {{"cluster", gates.cluster}, {"seen", first_of(result.findings.other_clusters)}});
    std::vector<std::string> missing;
    std::ranges::set_difference(gates.namespaces, result.findings.namespaces, std::back_inserter(missing));
    if (!missing.empty())
        log.warn("no flow of these namespaces was seen",
                 {{"namespaces", missing}, {"seen", first_of(result.findings.namespaces)}});
}

// Flows, and none that makes a rule: what a person would ask next.
void warn_of_silence(const gate_settings& gates, const session_result& result, logger& log) {
    if (result.counts.flows == 0) return;
    if (const std::string_view why = why_no_verdict_counts(gates, result.counts); !why.empty())
        log.warn(std::string(why), {{"verdicts", verdicts_of(result.counts)}});
    warn_of_cut_members(result.counts, log);
    warn_of_absent(gates, result, log);
}

std::string explain_step(const parsed_options& options, const session_settings& settings,
                         const session_result& result) {
    if (!settings.evidence || result.workloads.empty()) return "";
    std::string workload = *result.workloads.begin();
    std::filesystem::path folder = options.has("output-dir") ? options.text("output-dir") : "";
    if (settings.by_cluster) {
        const std::size_t slash = workload.find('/');
        folder = settings.writer.output_dir / workload.substr(0, slash);
        workload.erase(0, slash + 1);
    }
    const auto flag = [](const char* name, const std::string& value) {
        return value.empty() ? "" : std::string(" --") + name + "=" + shell_word(value);
    };
    const std::string evidence_dir = options.has("evidence-dir") ? options.text("evidence-dir") : "";
    return "; " + options.program + " explain " + workload + flag("output-dir", folder.string()) +
           flag("evidence-dir", evidence_dir);
}

// What a person would do now.
std::string next_step(const parsed_options& options, const session_settings& settings, const session_result& result) {
    const triage_counts& counts = result.counts;
    const auto seen = [&](verdict which) { return counts.by_verdict[static_cast<std::size_t>(which)] > 0; };
    if (result.policies_failed > 0) return "mend what the errors above name, and run this again";
    if (settings.writer.dry_run && result.policies_written > 0) return "run this without --dry-run";
    const std::string folder = shell_word(settings.writer.output_dir.string());
    // New files are no difference to git before it knows of them.
    if (result.policies_written > 0)
        return printable("git add -N -- " + folder + " && git diff -- " + folder +
                         explain_step(options, settings, result));
    if (result.policies_unchanged > 0) return "nothing: the policies allow all of this already";
    if (counts.flows == 0) return "nothing: no flow was seen";
    for (const unhandled left_out : {unhandled::outside_window, unhandled::other_namespace, unhandled::other_cluster})
        if (was_refused(counts, left_out))
            return "widen --since, --until, -n or --cluster: they left out what was denied";
    if (!settings.gates.audit && seen(verdict::audit))
        return "--include-audit makes rules of what audit mode let through";
    if (!settings.gates.forwarded && seen(verdict::forwarded))
        return "--include-forwarded makes rules of what is allowed today";
    return "nothing was denied that a policy could allow";
}

void show_diff(const parsed_options& options, std::string_view diff) {
    print(shown_diff(diff, ::isatty(STDOUT_FILENO), has_colour(STDOUT_FILENO, color_of(options))));
}

// Beside a diff, which has standard output for itself, and among log lines for programs it is one of these.
void show_health(const parsed_options& options, const session_settings& settings, const health_report& health,
                 logger& log) {
    const std::string file = write_health(settings, health, log);
    if (!settings.writer.dry_run) return print(health_block(health, file));
    if (!options.is_on("json")) return log.show(health_block(health, file));
    named_counts drops;
    for (const health_drop& each : health.drops)
        drops[each.reason] = each.count;
    log.warn("drops that are not a policy issue", {{"drops", drops}, {"cluster_health", file}});
}

bool is_for_people(const parsed_options& options) {
    return ::isatty(STDERR_FILENO) && !options.is_on("json");
}

// What hangs may be standard output, or the disk that a file would go to.
void show_findings(const parsed_options& options, const session_settings& settings, const session_result& result,
                   const health_report& health, logger& log) {
    if (result.stuck) return;
    if (settings.diff && !settings.diff->empty()) show_diff(options, *settings.diff);
    if (!health.drops.empty()) show_health(options, settings, health, log);
}

void show_summary(const parsed_options& options, const session_settings& settings, const session_result& result,
                  logger& log) {
    const session_summary summary = summary_of(settings, result, options.command->scope != in_generate);
    if (is_for_people(options))
        log.show("\n" + summary_text(summary, next_step(options, settings, result)));
    else
        log.write_json("session summary", summary_fields(summary));
}

}  // namespace

exit_status conclude(const parsed_options& options, const session_settings& settings, const session_result& result,
                     logger& log) {
    // Of a session that never was there is nothing to tell but why.
    if (!result.has_begun && result.lines == 0)
        return result.problem.empty() ? exit_status::success : exit_status::fatal;
    const health_report health = health_of(result);
    show_findings(options, settings, result, health, log);
    if (settings.gates.l7 && result.counts.l7_records == 0)
        log.warn("--l7 set but no L7 records observed",
                 {{"workloads", std::vector<std::string>(result.workloads.begin(), result.workloads.end())},
                  {"see", "the README's section \"L7 prerequisites\""}});
    warn_of_silence(settings.gates, result, log);
    if (!settings.gates.fqdn && result.counts.named > 0)
        log.info("names are known of some of the addresses that were written as CIDRs: --fqdn writes the names",
                 {{"flows", result.counts.named}});
    show_summary(options, settings, result, log);
    if (settings.survey == survey::beside && !result.stuck) say_verdict(settings, result, log);
    if (!result.problem.empty() || result.policies_failed > 0 || result.evidence_failed > 0) return exit_status::fatal;
    if (options.is_on("fail-on-infra-drops") && health.infra_total() > 0) return exit_status::infra_drops;
    return exit_status::success;
}

void conclude_when_stuck(const parsed_options& options, session_settings& settings, logger& log) {
    settings.when_stuck = [&options, &settings, &log](const session_result& result) {
        const exit_status status = conclude(options, settings, result, log);
        log.hurry();
        log.finish();
        std::_Exit(static_cast<int>(status));
    };
}

}  // namespace cpg
