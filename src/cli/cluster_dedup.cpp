// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/cluster_dedup.hpp"

#include "cli/session_flags.hpp"

namespace cpg {

void use_cluster_dedup(const parsed_options& options, session_settings& settings,
                       std::chrono::steady_clock::time_point until, logger& log) {
    if (!options.is_on("cluster-dedup")) return;
    const auto& wanted = settings.gates.namespaces;
    settings.writer.in_cluster =
        policies_in_cluster(cluster_flags_of(options), {wanted.begin(), wanted.end()}, until, log);
}

}  // namespace cpg
