// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What is wrong with a chosen cluster or user, in client-go's words (tools/clientcmd/validation.go). Opens
// the files that the entries name, to see that they can be read; otherwise pure. Any thread.

#include <string>
#include <vector>

#include "k8s/config/kubeconfig.hpp"

namespace cpg::k8s {

/// `cluster` is null when the context names no entry.
std::vector<std::string> check_cluster(const std::string& name, const kubeconfig_cluster* cluster);
std::vector<std::string> check_user(const std::string& name, const user_credentials& user);

/// client-go's aggregate: one message as it is, several as `[a, b]`, equal ones once.
std::string aggregate(const std::vector<std::string>& messages);

/// The system's reason as Go prints it: `no such file or directory`.
std::string go_reason(int error_number);

inline constexpr const char* empty_cluster_text = "cluster has no server defined";

}  // namespace cpg::k8s
