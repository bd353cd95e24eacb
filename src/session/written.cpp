// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/written.hpp"

#include <utility>

namespace cpg {

std::vector<evidence_place> evidence_places(const std::vector<written_policy>& written) {
    std::vector<evidence_place> out;
    for (const written_policy& each : written)
        out.push_back({.pod_namespace = each.pod_namespace,
                       .labels = each.endpoint_selector,
                       .workload = each.workload,
                       .policy_failed = each.status == write_status::failed});
    return out;
}

void check_output_in_place(const policy_writer& policies, const evidence_writer* evidence,
                           const session_settings& settings, session_result& result, logger& log) {
    if (!policies.output_is_in_place()) {
        result.policies_failed += std::exchange(result.policies_written, 0);
        if (result.problem.empty())
            result.problem = "the output directory was removed, or another put in its place, while cpg ran";
        log.error("the output directory was removed, or another put in its place, while cpg ran: run cpg again",
                  {{"output_dir", settings.writer.output_dir.string()}});
    }
    if (evidence && !evidence->is_in_place()) {
        ++result.evidence_failed;
        log.error("the folder of the evidence was removed, or another put in its place, while cpg ran",
                  {{"evidence_dir", settings.evidence->folder.string()}});
    }
}

}  // namespace cpg
