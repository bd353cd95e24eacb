// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which pods there are to forward to, and to which port. What asks the server runs on the client's executor; the
// choice itself is pure.

#include <asio/awaitable.hpp>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/api/api_client.hpp"

namespace cpg::k8s {

/// Where Hubble Relay is found.
struct pod_query {
    std::string name_space = "kube-system";
    std::string selector = "k8s-app=hubble-relay";
    std::string service = "hubble-relay";
    unsigned port = 4245;  ///< where the Service says nothing
};

struct ready_pod {
    std::string name;
    std::string node;
    std::map<std::string, unsigned> ports;  ///< of its containers that have a name
};

/// What a Service forwards to: a number, or the name of a container's port.
struct target_port {
    unsigned number = 0;  ///< 0: by name
    std::string name;     ///< empty as well: nothing is known
};

/// The pods of a PodList that are Running, Ready and not on their way out. Throws cluster_error when the text is no
/// list.
std::vector<ready_pod> ready_pods(std::string_view pod_list);

/// The first that is not to be avoided, else the first; null when there is none.
const ready_pod* choose_pod(std::span<const ready_pod> pods, std::span<const std::string> avoid);

/// Of the Service's only or first TCP port; nothing when the text can't be read.
target_port read_target_port(std::string_view service);

unsigned port_of(const ready_pod& pod, const target_port& target, unsigned otherwise);

/// Throws what api_client::get throws.
asio::awaitable<std::vector<ready_pod>> find_pods(api_client& client, pod_query query, steady_time until);

/// Nothing where there is no such Service, or it may not be read. Throws what api_client::get throws otherwise.
asio::awaitable<target_port> find_target_port(api_client& client, pod_query query, steady_time until);

/// `NAMESPACE/NAME on node NODE`.
std::string describe(const pod_query& query, const ready_pod& pod);

/// The pod's path in the API.
std::string pod_path(const pod_query& query, const std::string& pod);

}  // namespace cpg::k8s
