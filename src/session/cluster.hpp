// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a session asks the cluster before it starts: the policies that are there, and whether L7 records can be had.
// Each call blocks until it is answered or its time is over, and runs an io_context of its own that is gone afterwards.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "k8s/config/access.hpp"
#include "policy/default_deny.hpp"
#include "policy/policy.hpp"

namespace cpg {

/// What was typed of the way into the cluster, or empty.
struct cluster_flags {
    std::string kubeconfig;
    std::string context;
    std::string kube_namespace = "kube-system";  ///< where Cilium and its relay run
    std::string as;                              ///< to impersonate
    std::vector<std::string> as_groups;
    std::string user_agent = "cpg";
};

/// Throws fatal_error when the kubeconfig is missing or wrong; connects nothing.
k8s::cluster_access find_cluster(const cluster_flags& flags, logger& log);

/// Lists the cluster's policies that cpg's files were applied as, in these namespaces or all. The result is true for a
/// policy that the cluster's policy of the same namespace and name already allows. Throws fatal_error.
std::function<bool(const policy&)> policies_in_cluster(const cluster_flags& flags, std::vector<std::string> namespaces,
                                                       std::chrono::steady_clock::time_point until, logger& log);

/// A policy of the cluster, as it would stand in a file.
struct policy_in_force {
    std::string name;  ///< `namespace/name`, or the name
    std::string text;
};

/// Every policy that the cluster has: CiliumNetworkPolicies, clusterwide ones and NetworkPolicies. Throws fatal_error.
std::vector<policy_in_force> list_policies_in_force(const cluster_flags& flags,
                                                    std::chrono::steady_clock::time_point until, logger& log);

/// What the cluster's Cilium is, `v1.19.4`, and whether it knows enableDefaultDeny.
struct default_deny_support {
    std::string cilium;
    bool is_there = false;
};

/// Nothing, with a note in the log, where no cluster can be asked or nothing tells its version.
std::optional<default_deny_support> ask_for_default_deny(const cluster_flags& flags, std::chrono::nanoseconds timeout,
                                                         logger& log);

/// Warns of settings of the cluster that keep L7 records away. Never fails.
void warn_about_l7(const cluster_flags& flags, std::chrono::nanoseconds timeout, logger& log);

}  // namespace cpg
