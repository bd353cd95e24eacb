// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/summary.hpp"

#include "base/duration.hpp"

namespace cpg {

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
