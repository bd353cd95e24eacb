// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From the environment and the flags to the one cluster and user that this run uses, as kubectl chooses them
// (tools/clientcmd of client-go). Blocking file reads; any thread. Connects nothing and runs no plugin.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "k8s/config/access.hpp"
#include "k8s/config/kubeconfig.hpp"

namespace cpg::k8s {

/// What decides which cluster is meant. Empty strings are "not given".
struct access_request {
    std::string kubeconfig_file;      ///< --kubeconfig
    std::string context;              ///< --context
    std::string kubeconfig_variable;  ///< $KUBECONFIG
    std::string home;                 ///< $HOME
    std::string service_host;         ///< $KUBERNETES_SERVICE_HOST
    std::string service_port;         ///< $KUBERNETES_SERVICE_PORT
    std::string pod_namespace;        ///< $POD_NAMESPACE
    std::filesystem::path service_account = "/var/run/secrets/kubernetes.io/serviceaccount";

    static access_request from_environment();
};

/// The merge of all files that the request names. Throws fatal_error.
kubeconfig load_merged_kubeconfig(const access_request& request, logger& log);

/// The cluster and user of the chosen context, or the pod's service account. Throws fatal_error with
/// client-go's text after `loading kubeconfig: `.
cluster_access load_cluster_access(const access_request& request, logger& log);

}  // namespace cpg::k8s
