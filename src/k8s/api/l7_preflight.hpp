// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Whether this cluster can produce L7 records at all: a look at Cilium's ConfigMap and at its Envoy. Never an
// error: what can't be seen becomes a warning too. On the client's executor.

#include <asio/awaitable.hpp>
#include <string>
#include <vector>

#include "k8s/api/api_client.hpp"

namespace cpg::k8s {

struct preflight_warning {
    std::string message;
    std::string remedy;
    std::string missing_verb;  ///< e.g. `get on configmaps in kube-system`; empty when nothing is lacking
};

/// Empty when all is well. Throws only std::system_error(operation_aborted) when cancelled.
asio::awaitable<std::vector<preflight_warning>> check_l7(api_client& client, std::string name_space, steady_time until);

}  // namespace cpg::k8s
