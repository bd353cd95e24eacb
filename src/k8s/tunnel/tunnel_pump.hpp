// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Moves bytes between a local socket and a tunnel until one of them ends. Reads no more from either side than
// the other has taken. Runs on the executor of the calling coroutine, which never runs two handlers at once;
// cancelling that coroutine ends it.

#include <asio/awaitable.hpp>
#include <asio/local/stream_protocol.hpp>
#include <chrono>
#include <string>

#include "k8s/net/connection.hpp"
#include "k8s/tunnel/tunnel_codec.hpp"

namespace cpg::k8s {

struct pump_times {
    /// Load balancers cut what is silent for four minutes and more.
    std::chrono::milliseconds keep_alive = std::chrono::seconds(20);
    /// No byte from the server for this long, though it was asked to answer: it is gone.
    std::chrono::milliseconds silence = std::chrono::seconds(65);
    /// From the upgrade to the node's word that the port is being forwarded.
    std::chrono::milliseconds ready = std::chrono::seconds(30);
    /// After the pod's end, for an error text that may follow.
    std::chrono::milliseconds last_words = std::chrono::seconds(2);
};

/// Why it ended: what the node said, or what broke; empty when one side simply closed.
asio::awaitable<std::string> pump_tunnel(connection& server, tunnel_codec& codec,
                                         asio::local::stream_protocol::socket& local, pump_times times);

}  // namespace cpg::k8s
