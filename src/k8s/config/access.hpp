// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// How a cluster is reached and as whom: the plain result of reading a kubeconfig or a pod's service account.
// Values only, copied freely between threads. Never logged: it carries tokens and keys.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cpg::k8s {

/// A file or the bytes themselves; data wins when a caller has both.
struct file_or_data {
    std::string file;
    std::string data;

    bool empty() const { return file.empty() && data.empty(); }
};

/// A credential plugin as the kubeconfig describes it (client-go's ExecConfig).
struct exec_plugin {
    std::string api_version;
    std::string command;
    std::vector<std::string> args;
    std::vector<std::pair<std::string, std::string>> env;
    std::string install_hint;
    std::string interactive_mode;  ///< Never, IfAvailable or Always
    bool provide_cluster_info = false;
};

struct auth_provider {
    std::string name;
    std::map<std::string, std::string> config;
};

struct user_credentials {
    std::string name;
    std::string token;
    std::string token_file;  ///< wins over `token` when it can be read, read again every minute
    std::string username;
    std::string password;
    file_or_data client_certificate;  ///< PEM
    file_or_data client_key;          ///< PEM
    std::string impersonate;
    std::string impersonate_uid;
    std::vector<std::string> impersonate_groups;
    std::map<std::string, std::vector<std::string>> impersonate_extra;
    std::optional<exec_plugin> exec;
    std::optional<auth_provider> provider;
};

/// The server's URL in parts. Without TLS client-go sends no credentials, and neither does cpg.
struct server_url {
    bool tls = true;
    std::string host;    ///< without the brackets of IPv6
    std::string port;    ///< never empty
    std::string prefix;  ///< path put before every API path, without a slash at its end
};

/// The server of a kubeconfig; without a scheme it is http, whatever else the entry says, as in client-go.
/// Nothing when the text names no host or no usable port.
std::optional<server_url> parse_server(std::string_view text);

struct cluster_access {
    std::string context;  ///< empty inside a pod
    std::string cluster;
    std::string server_text;  ///< as written in the kubeconfig
    server_url server;
    file_or_data certificate_authority;  ///< PEM; empty: the system's roots
    std::string tls_server_name;
    bool insecure = false;
    std::string proxy_url;
    std::string exec_config;  ///< JSON of the cluster's extension client.authentication.k8s.io/exec, or empty
    bool disable_compression = false;
    user_credentials user;
    std::string name_space = "default";
    std::vector<std::pair<std::string, std::string>> headers;  ///< of every request, beside the usual ones
};

/// https://host:port, for people.
std::string shown_server(const cluster_access& access);

}  // namespace cpg::k8s
