// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which proxy leads to a host, by the rules of Go's httpproxy, and how to ask that proxy for a tunnel.
// choose_proxy is pure; the tunnels run on the executor of the stream they are given.

#include <asio/awaitable.hpp>
#include <optional>
#include <string>

#include "base/url.hpp"
#include "k8s/config/access.hpp"
#include "k8s/net/connection.hpp"

namespace cpg::k8s {

/// HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capitals or not.
struct proxy_environment {
    std::string https_proxy;
    std::string http_proxy;
    std::string no_proxy;

    static proxy_environment from_process();
};

/// The proxy with its port, or nothing. The kubeconfig's proxy-url wins over the environment, which never
/// applies to this machine itself. Throws fatal_error when the variable holds no usable URL.
std::optional<url_parts> choose_proxy(const cluster_access& access, const proxy_environment& environment);

/// CONNECT on a stream that is open to the proxy. Throws cluster_error.
asio::awaitable<void> open_http_tunnel(connection& stream, const url_parts& proxy, const std::string& host_port,
                                       steady_time until);

/// SOCKS 5 (RFC 1928, 1929); the proxy looks the name up.
asio::awaitable<void> open_socks_tunnel(connection& stream, const url_parts& proxy, const std::string& host,
                                        const std::string& port, steady_time until);

}  // namespace cpg::k8s
