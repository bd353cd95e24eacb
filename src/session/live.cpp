// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/live.hpp"

#include <string>
#include <utility>

#include "base/error.hpp"
#include "k8s/tunnel/port_forward.hpp"
#include "session/tunnelled_source.hpp"
#include "source/relay_stream.hpp"

namespace cpg {

namespace {

// Who has no cluster at hand may not know that an address does as well.
k8s::cluster_access find_cluster_or_hint(const cluster_flags& cluster, logger& log) {
    try {
        return find_cluster(cluster, log);
    } catch (const fatal_error& error) {
        throw fatal_error(std::string(error.what()) +
                          "; give a kubeconfig with --kubeconfig, or the relay's address with --server");
    }
}

session_result capture_through_tunnel(session_settings settings, relay_options relay, const cluster_flags& cluster,
                                      logger& log) {
    const k8s::cluster_access access = find_cluster_or_hint(cluster, log);
    session run(std::move(settings), log);
    k8s::port_forward tunnel(run.pool(), access, log);
    relay.address = parse_relay_address(tunnel.target());
    // The socket's own name means nothing to people.
    relay.address.shown = "the end of the port-forward";
    relay.explain_unavailable = [&tunnel] { return tunnel.last_error(); };
    relay.permanent_failure = [&tunnel] { return tunnel.permanent_error(); };
    const nanoseconds timeout = relay.timeout;
    relay_stream stream(run.strand(), std::move(relay), log);
    tunnelled_source source(run.strand(), tunnel, stream, timeout);
    return run.run(source);
}

}  // namespace

session_result capture_live(session_settings settings, relay_options relay, const cluster_flags& cluster, logger& log) {
    if (relay.address.target.empty())
        return capture_through_tunnel(std::move(settings), std::move(relay), cluster, log);
    session run(std::move(settings), log);
    relay_stream source(run.strand(), std::move(relay), log);
    return run.run(source);
}

}  // namespace cpg
