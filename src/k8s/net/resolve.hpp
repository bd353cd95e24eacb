// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Looks a host up: /etc/hosts, then DNS as resolv.conf has it (servers, search domains, ndots). By c-ares, whose
// sockets the calling coroutine's executor watches: no thread, so a server that never answers holds nobody, not even
// the process at its exit as getaddrinfo would. That executor never runs two handlers at once.

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <string>
#include <vector>

#include "base/deadline.hpp"

namespace cpg::k8s {

/// At least one, in the order in which to try them (RFC 6724). An address in text form costs no look-up; `port` is a
/// number. Throws cluster_error, std::system_error(operation_aborted) when cancelled.
asio::awaitable<std::vector<asio::ip::tcp::endpoint>> resolve(std::string host, std::string port, steady_time until);

/// The same with DNS servers ("127.0.0.1:5353,[::1]:53") in place of those of resolv.conf; empty: those.
asio::awaitable<std::vector<asio::ip::tcp::endpoint>> resolve_at(std::string servers, std::string host,
                                                                 std::string port, steady_time until);

}  // namespace cpg::k8s
