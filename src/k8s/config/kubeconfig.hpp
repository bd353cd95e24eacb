// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// One kubeconfig file as values, and the merge of several, by client-go's rules. Reads no file and no
// environment; any thread. An error is a std::runtime_error without any value of the file in it, for those
// are secrets.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "k8s/config/access.hpp"

namespace cpg::k8s {

struct kubeconfig_cluster {
    std::string server;
    std::string tls_server_name;
    bool insecure = false;
    file_or_data certificate_authority;
    std::string proxy_url;
    bool disable_compression = false;
    std::string exec_config;  ///< JSON of the extension client.authentication.k8s.io/exec
};

struct kubeconfig_context {
    std::string cluster;
    std::string user;
    std::string name_space;
};

struct kubeconfig {
    std::string current_context;
    std::map<std::string, kubeconfig_cluster> clusters;
    std::map<std::string, user_credentials> users;
    std::map<std::string, kubeconfig_context> contexts;
};

/// Reads YAML or JSON. Relative paths are made absolute against the folder of `file`. Empty text is an empty
/// config.
kubeconfig parse_kubeconfig(std::string_view text, const std::filesystem::path& file);

/// Adds what `later` names and `into` does not: whole entries, never single fields.
void merge_kubeconfig(kubeconfig& into, kubeconfig later);

}  // namespace cpg::k8s
