// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From "a connection is wanted" to an open tunnel to a ready pod: drives tunnel_machine with real requests.
// On the client's executor. Never retries beyond what the machine says.

#include <asio/awaitable.hpp>
#include <memory>
#include <stdexcept>
#include <string>

#include "k8s/api/api_client.hpp"
#include "k8s/api/relay_pod.hpp"
#include "k8s/tunnel/tunnel_codec.hpp"
#include "k8s/tunnel/tunnel_machine.hpp"

namespace cpg::k8s {

/// Why there is no tunnel, in words for the user.
class open_error : public std::runtime_error {
  public:
    open_error(const std::string& text, bool for_good) : std::runtime_error(text), permanent(for_good) {}

    const bool permanent;  ///< 401, 403 or a refused certificate: waiting does not mend it
};

struct open_tunnel {
    std::string pod;
    transport used = transport::websocket;
    std::unique_ptr<connection> stream;
    std::unique_ptr<tunnel_codec> codec;
    std::string first;  ///< bytes that came with the upgrade's answer
};

upgrade_outcome classify_upgrade(bool accepted, const http_answer& answer);

/// A ready pod, or open_error with what to do.
asio::awaitable<std::string> need_pod(api_client& client, pod_query query, std::string avoid, steady_time until);

/// Throws open_error, and std::system_error(operation_aborted) when cancelled.
asio::awaitable<open_tunnel> open_pod_tunnel(api_client& client, pod_query query, transport first, std::string avoid,
                                             steady_time until);

}  // namespace cpg::k8s
