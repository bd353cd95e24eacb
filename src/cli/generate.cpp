// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <chrono>
#include <cstdlib>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/hubble_settings.hpp"
#include "cli/session_flags.hpp"
#include "session/live.hpp"

namespace cpg {

namespace {

relay_tls tls_of(const hubble_settings& hubble, const parsed_options& options) {
    relay_tls out = {.enabled = hubble.is_on("tls"),
                     .ca_files = hubble.list("tls-ca-cert-files"),
                     .client_cert_file = hubble.text("tls-client-cert-file"),
                     .client_key_file = hubble.text("tls-client-key-file"),
                     .server_name = hubble.text("tls-server-name"),
                     .allow_insecure = hubble.is_on("tls-allow-insecure"),
                     .by_flags = false,
                     .origins = {}};
    for (const char* const name : {"tls-ca-cert-files", "tls-client-cert-file", "tls-client-key-file",
                                   "tls-server-name", "tls-allow-insecure"}) {
        out.by_flags |= options.has(name);
        if (const std::string origin = hubble.origin(name); !origin.empty()) out.origins[name] = origin;
    }
    return out;
}

relay_address address_of(const hubble_settings& hubble, const parsed_options& options) {
    if (options.is_on("port-forward")) {
        if (options.has("server")) throw usage_error("--server and --port-forward exclude each other");
        return {};
    }
    const std::string server = hubble.text("server");
    if (server.empty()) return {};
    try {
        return parse_relay_address(server);
    } catch (const usage_error& error) {
        if (options.has("server")) throw;
        throw usage_error(std::string(error.what()) + " (" + hubble.origin("server") + ")");
    }
}

relay_options relay_options_of(const hubble_settings& hubble, const parsed_options& options,
                               const session_settings& settings) {
    relay_options out;
    out.address = address_of(hubble, options);
    out.tls = tls_of(hubble, options);
    out.timeout = duration_of(options, "timeout", true);
    out.wanted = {.l7 = settings.gates.l7, .audit = settings.gates.audit, .forwarded = settings.gates.forwarded};
    out.namespaces.assign(settings.gates.namespaces.begin(), settings.gates.namespaces.end());
    check_relay_options(out);
    return out;
}

}  // namespace

exit_status run_generate(const parsed_options& options, logger& log) {
    const auto begun = std::chrono::steady_clock::now();
    session_settings settings = session_settings_of(options, log);
    if (options.has("duration")) settings.duration = duration_of(options, "duration", true);
    const hubble_settings hubble(options);
    relay_options relay = relay_options_of(hubble, options, settings);
    if (settings.evidence) settings.evidence->source.server = relay.address.shown;
    cluster_flags cluster = cluster_flags_of(options);
    cluster.kube_namespace = kube_namespace_of(options, hubble.text("kube-namespace"));
    // One time for the whole way to a usable stream. What is only worth a warning takes no more than half of it.
    relay.first_deadline = begun + std::chrono::duration_cast<std::chrono::steady_clock::duration>(relay.timeout);
    if (options.is_on("l7") && !options.is_on("no-l7-preflight")) warn_about_l7(cluster, relay.timeout / 2, log);
    use_cluster_dedup(options, settings, *relay.first_deadline, log);
    conclude_when_stuck(options, settings, log);
    const session_result result = capture_live(settings, std::move(relay), cluster, log);
    return conclude(options, settings, result, log);
}

}  // namespace cpg
