// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A session over a live stream. One thread, which blocks until the session is over.

#include "session/cluster.hpp"
#include "session/session.hpp"
#include "source/relay_options.hpp"

namespace cpg {

/// Without an address the stream goes through a port-forward to the relay's pod. Throws fatal_error when a certificate
/// or the kubeconfig can't be read; a server that can't be reached is in the result.
session_result capture_live(session_settings settings, relay_options relay, const cluster_flags& cluster, logger& log);

}  // namespace cpg
