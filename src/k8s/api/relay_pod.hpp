// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which pod to forward to. find_pod runs on the client's executor; the choice itself is pure.

#include <asio/awaitable.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "k8s/api/api_client.hpp"

namespace cpg::k8s {

/// Where Hubble Relay is found.
struct pod_query {
    std::string name_space = "kube-system";
    std::string selector = "k8s-app=hubble-relay";
    unsigned port = 4245;
};

/// Name of the first pod of a PodList that is Running, Ready and not on its way out; one other than `avoid`
/// where there is one. Throws http_error when the text is no list.
std::optional<std::string> choose_pod(std::string_view pod_list, const std::string& avoid);

/// Nothing when there is no such pod. Throws what api_client::get throws.
asio::awaitable<std::optional<std::string>> find_pod(api_client& client, pod_query query, std::string avoid,
                                                     steady_time until);

/// The pod's path in the API.
std::string pod_path(const pod_query& query, const std::string& pod);

}  // namespace cpg::k8s
