// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From "a connection is wanted" to an open tunnel to a ready pod: drives tunnel_machine with real requests.
// On the client's executor. Never retries beyond what the machine says.

#include <asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "k8s/api/api_client.hpp"
#include "k8s/api/relay_pod.hpp"
#include "k8s/tunnel/tunnel_codec.hpp"
#include "k8s/tunnel/tunnel_machine.hpp"

namespace cpg::k8s {

struct open_tunnel {
    ready_pod pod;
    unsigned port = 0;
    transport used = transport::websocket;
    std::unique_ptr<connection> stream;
    std::unique_ptr<tunnel_codec> codec;
};

upgrade_outcome classify_upgrade(bool accepted, const http_answer& answer);

/// What an attempt starts from. Written to while it runs: what it has learned is good for the next one.
struct tunnel_knowledge {
    target_port target;
    transport first = transport::websocket;
    std::vector<ready_pod> pods;     ///< as they were listed last
    bool listed_just_now = false;    ///< so the next attempt need not ask
    std::vector<std::string> avoid;  ///< names of those that failed; never all of them

    void forget_gone();
    void pod_failed(const std::string& pod);
    /// There is a pod that has not failed.
    bool has_another() const;
};

/// Ready pods, at least one, or cluster_error with what to do.
asio::awaitable<std::vector<ready_pod>> need_pods(api_client& client, pod_query query, steady_time until);

/// Throws cluster_error, and std::system_error(operation_aborted) when cancelled.
asio::awaitable<open_tunnel> open_pod_tunnel(api_client& client, pod_query query, tunnel_knowledge& known,
                                             steady_time until);

}  // namespace cpg::k8s
