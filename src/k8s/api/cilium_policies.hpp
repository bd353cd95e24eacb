// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The CiliumNetworkPolicies in the cluster that cpg's files were applied as: those labelled
// app.kubernetes.io/managed-by=cpg. On the client's executor; needs the verb list on
// ciliumnetworkpolicies.cilium.io.

#include <asio/awaitable.hpp>
#include <string>
#include <vector>

#include "k8s/api/api_client.hpp"

namespace cpg::k8s {

struct cluster_policy {
    std::string name_space;
    std::string name;
    std::string json;  ///< the whole object
};

/// In these namespaces, or with none given in all. Throws fatal_error with the rule to grant where it is
/// forbidden, and where Cilium's resource is not installed.
asio::awaitable<std::vector<cluster_policy>> list_cilium_policies(api_client& client,
                                                                  std::vector<std::string> name_spaces,
                                                                  steady_time until);

/// Every policy of the cluster: those of Cilium's two kinds, and NetworkPolicies. Each is as it would stand in a file,
/// with its apiVersion and kind. Throws fatal_error likewise.
asio::awaitable<std::vector<cluster_policy>> list_policies_in_force(api_client& client, steady_time until);

}  // namespace cpg::k8s
