// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What is said to a credential plugin and what it answers (client.authentication.k8s.io/v1 and v1beta1).
// Pure; any thread. The texts of errors are client-go's and never hold a byte of the answer.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "k8s/config/access.hpp"

namespace cpg::k8s {

struct plugin_answer {
    std::string token;
    std::string certificate;  ///< PEM
    std::string key;          ///< PEM
    std::optional<std::chrono::sys_seconds> expires;
};

/// Throws std::runtime_error.
plugin_answer parse_plugin_output(std::string_view output, const std::string& api_version);

/// The value of KUBERNETES_EXEC_INFO, ended by a line feed. `ca` is the PEM of the cluster's authority.
std::string exec_info(const cluster_access& access, const exec_plugin& plugin, std::string_view ca, bool interactive);

/// Whole seconds: nanoseconds since 1970 would overflow in 2262, and plugins do say 2999.
std::chrono::sys_seconds now_in_seconds();

/// RFC 3339; nothing when it is no such time.
std::optional<std::chrono::sys_seconds> parse_time(const std::string& text);

/// The `exp` claim of a JSON Web Token, unverified: only the server can verify it.
std::optional<std::chrono::sys_seconds> token_expiry(std::string_view token);

}  // namespace cpg::k8s
