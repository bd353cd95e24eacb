// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/live.hpp"

#include <string>
#include <utility>

#include "base/error.hpp"
#include "k8s/tunnel/port_forward.hpp"
#include "session/tunnelled_source.hpp"
#include "source/events_of_nodes.hpp"
#include "source/merged_sources.hpp"
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

std::string user_of(const k8s::cluster_access& access) {
    if (!access.user.impersonate.empty()) return access.user.impersonate + " (impersonated)";
    return access.context.empty() ? "the pod's service account" : access.user.name;
}

void say_where(const k8s::cluster_access& access, const std::string& server, const std::string& name_space,
               logger& log) {
    log_fields fields;
    if (!access.context.empty()) fields.emplace_back("context", access.context);
    fields.emplace_back("api_server", server);
    fields.emplace_back("user", user_of(access));
    fields.emplace_back("namespace", name_space);
    log.info("looking for Hubble Relay in the cluster", fields);
}

// Whatever fails behind the tunnel's near end is told by the tunnel.
void listen_through(k8s::port_forward& tunnel, relay_options& relay) {
    relay.explain_unavailable = [&tunnel] { return tunnel.last_error(); };
    relay.permanent_failure = [&tunnel] { return tunnel.permanent_error(); };
    relay.untried_ways = [&tunnel] { return tunnel.untried_pods(); };
    relay.way_failed = [&tunnel] { tunnel.avoid_pod(); };
}

std::unique_ptr<flow_source> source_behind_tunnel(const session_executors& at, const k8s::cluster_access& access,
                                                  const k8s::port_forward_settings& forward, relay_options relay,
                                                  logger& log) {
    auto tunnel = std::make_unique<k8s::port_forward>(at.pool, access, log, forward);
    std::string shown = std::move(relay.address.shown);
    relay.address = parse_relay_address(tunnel->target());
    relay.address.shown = std::move(shown);
    listen_through(*tunnel, relay);
    const auto until = relay.first_deadline.value_or(std::chrono::steady_clock::now() + relay.timeout);
    auto stream = std::make_unique<relay_stream>(at.strand, std::move(relay), log);
    return std::make_unique<tunnelled_source>(at.strand, std::move(tunnel), std::move(stream), until);
}

session_result capture_through_tunnel(session_settings settings, relay_options relay, const cluster_flags& cluster,
                                      logger& log) {
    const k8s::cluster_access access = find_cluster_or_hint(cluster, log);
    k8s::port_forward_settings forward;
    forward.pod.name_space = cluster.kube_namespace;
    forward.user_agent = cluster.user_agent;
    const std::string server = k8s::shown_server(access);
    say_where(access, server, cluster.kube_namespace, log);
    // The socket's own name means nothing to people.
    relay.address.shown = "namespace " + cluster.kube_namespace + " of " + server;
    if (settings.evidence) settings.evidence->source.server = relay.address.shown;
    return run_session(std::move(settings), log, [&](const session_executors& at) {
        return source_behind_tunnel(at, access, forward, std::move(relay), log);
    });
}

std::unique_ptr<relay_stream> stream_from(const session_executors& at, relay_options relay, relay_address server,
                                          logger& log) {
    relay.address = std::move(server);
    return std::make_unique<relay_stream>(at.strand, std::move(relay), log);
}

std::unique_ptr<flow_source> source_of_all(const session_executors& at, relay_options relay,
                                           const std::vector<relay_address>& servers, logger& log) {
    relay.known_events = std::make_shared<shared_events>();
    std::vector<named_source> sources;
    for (const relay_address& each : servers)
        sources.push_back({.name = each.shown, .source = stream_from(at, relay, each, log)});
    return std::make_unique<merged_sources>(at.strand, std::move(sources), log);
}

}  // namespace

session_result capture_live(session_settings settings, relay_options relay, const std::vector<relay_address>& servers,
                            const cluster_flags& cluster, logger& log) {
    if (servers.empty()) return capture_through_tunnel(std::move(settings), std::move(relay), cluster, log);
    return run_session(std::move(settings), log, [&](const session_executors& at) -> std::unique_ptr<flow_source> {
        if (servers.size() == 1) return stream_from(at, std::move(relay), servers[0], log);
        return source_of_all(at, std::move(relay), servers, log);
    });
}

}  // namespace cpg
