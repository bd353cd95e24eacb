// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A session over a live stream. One thread, which blocks until the session is over.

#include <vector>

#include "session/cluster.hpp"
#include "session/session.hpp"
#include "source/relay_options.hpp"

namespace cpg {

/// From all of these servers, each flow once. Without any the stream goes through a port-forward to the relay's pod.
/// `relay` has no address. Throws fatal_error when a certificate or the kubeconfig can't be read; a server that can't
/// be reached is in the result.
session_result capture_live(session_settings settings, relay_options relay, const std::vector<relay_address>& servers,
                            const cluster_flags& cluster, logger& log);

}  // namespace cpg
