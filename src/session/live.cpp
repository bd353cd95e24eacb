// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/live.hpp"

#include <utility>

#include "k8s/port_forward.hpp"
#include "session/tunnelled_source.hpp"
#include "source/relay_stream.hpp"

namespace cpg {

namespace {

session_result capture_through_tunnel(session_settings settings, relay_options relay, const cluster_flags& cluster,
                                      logger& log) {
    const k8s::cluster_access access = find_cluster(cluster, log);
    session run(std::move(settings), log);
    k8s::port_forward tunnel(run.pool(), access, log);
    relay.address = parse_relay_address(tunnel.target());
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
