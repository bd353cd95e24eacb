// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Opens a connection: look-up, TCP, proxy, TLS. On the executor of the calling coroutine; each step ends by
// the same deadline. Never retries and never logs.

#include <asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/url.hpp"
#include "k8s/net/connection.hpp"
#include "k8s/net/tls.hpp"

namespace cpg::k8s {

struct dial_plan {
    std::string host;
    std::string port;
    std::optional<tls_settings> tls;
    std::shared_ptr<asio::ssl::context> context = {};  ///< made of `tls`; one is made where there is none
    std::optional<url_parts> proxy;                    ///< scheme http, https or socks5, with a port
};

/// Throws cluster_error, fatal_error for certificates that can't be used,
/// std::system_error(operation_aborted) when cancelled.
asio::awaitable<std::unique_ptr<connection>> dial(dial_plan plan, steady_time until);

}  // namespace cpg::k8s
