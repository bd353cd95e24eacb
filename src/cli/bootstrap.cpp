// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <set>

#include "base/error.hpp"
#include "base/print.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/session_flags.hpp"
#include "session/cluster.hpp"

namespace cpg {

namespace {

// A cluster that does not answer must not hold up what needs none.
constexpr std::chrono::seconds patience{5};

denied_directions directions_of(const parsed_options& options) {
    return {.ingress = !options.is_on("egress-only"), .egress = !options.is_on("ingress-only")};
}

void check_cluster(const cluster_flags& cluster, logger& log) {
    const auto support = ask_for_default_deny(cluster, patience, log);
    if (support && !support->is_there)
        throw fatal_error("the cluster runs Cilium " + support->cilium +
                          ", which does not know enableDefaultDeny: it needs 1.16 or later");
}

}  // namespace

exit_status run_bootstrap(const parsed_options& options, logger& log) {
    const std::set<std::string, std::less<>> namespaces = namespaces_of(options);
    if (namespaces.empty())
        throw usage_error("bootstrap needs the namespaces that are to deny by default: -n NAMESPACE");
    const denied_directions denied = directions_of(options);
    check_cluster(cluster_flags_of(options), log);
    if (namespaces.contains("kube-system"))
        log.warn("a default deny in kube-system cuts DNS and more off until all that works there is allowed");
    std::string out;
    for (const std::string& each : namespaces)
        out += (out.empty() ? "" : "---\n") + default_deny_text(each, denied, options.is_on("allow-dns"));
    print(out);
    return exit_status::success;
}

}  // namespace cpg
