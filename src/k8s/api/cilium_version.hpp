// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which Cilium a cluster runs, as far as its own objects say. On the client's executor.

#include <asio/awaitable.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "k8s/api/api_client.hpp"

namespace cpg::k8s {

struct cilium_version {
    unsigned major = 0;
    unsigned minor = 0;
    std::string text;  ///< as it stands there: `v1.19.4`
};

/// `v1.19.4`, `1.16.0-rc.1`, `v1.15.2@sha256:…`; nothing for `latest` and the like.
std::optional<cilium_version> parse_cilium_version(std::string_view text);

/// By the image of DaemonSet kube-system/cilium, else by ConfigMap kube-system/cilium-config; nothing where neither
/// tells. Throws what api_client::get does when the cluster can't be asked.
asio::awaitable<std::optional<cilium_version>> find_cilium_version(api_client& client, std::string name_space,
                                                                   steady_time until);

}  // namespace cpg::k8s
