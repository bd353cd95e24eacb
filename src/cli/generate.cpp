// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <initializer_list>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/timestamp.hpp"
#include "cli/check_options.hpp"
#include "cli/cluster_dedup.hpp"
#include "cli/commands.hpp"
#include "cli/hubble_settings.hpp"
#include "cli/session_flags.hpp"
#include "session/live.hpp"
#include "source/capture_writer.hpp"

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
    for (const option_id each :
         std::initializer_list<option_id>{"tls-ca-cert-files", "tls-client-cert-file", "tls-client-key-file",
                                          "tls-server-name", "tls-allow-insecure"}) {
        out.by_flags |= options.has(each);
        if (const std::string origin = hubble.origin(each); !origin.empty())
            out.origins[std::string(each.spec().name)] = origin;
    }
    return out;
}

relay_address address_of(const std::string& server, const hubble_settings& hubble, const parsed_options& options) {
    try {
        return parse_relay_address(server);
    } catch (const usage_error& error) {
        if (options.has("server")) throw;
        throw usage_error(std::string(error.what()) + " (" + hubble.origin("server") + ")");
    }
}

// None: a port-forward finds the relay.
std::vector<relay_address> servers_of(const hubble_settings& hubble, const parsed_options& options) {
    if (options.is_on("port-forward")) return {};
    std::vector<std::string> given = hubble.list("server");
    std::erase(given, "");  // a script's variable
    std::vector<relay_address> out;
    for (const std::string& server : given) {
        relay_address next = address_of(server, hubble, options);
        if (std::ranges::find(out, next.target, &relay_address::target) != out.end())
            throw usage_error(json_quote(server) + " stands twice in " +
                              (options.has("server") ? "--server" : hubble.origin("server")));
        out.push_back(std::move(next));
    }
    return out;
}

std::string shown(const std::vector<relay_address>& servers) {
    std::vector<std::string> out;
    for (const relay_address& each : servers)
        out.push_back(each.shown);
    return join(out, ", ");
}

void set_window(const time_window& window, relay_options& out) {
    if (window.since_ns != time_window{}.since_ns) out.since_ns = window.since_ns;
    if (window.until_ns <= now_ns()) out.until_ns = window.until_ns;
}

void check_with_each(relay_options options, const std::vector<relay_address>& servers) {
    if (servers.empty()) return check_relay_options(options);
    for (const relay_address& each : servers) {
        options.address = each;
        check_relay_options(options);
    }
}

relay_options relay_options_of(const hubble_settings& hubble, const parsed_options& options,
                               const session_settings& settings, const std::vector<relay_address>& servers) {
    relay_options out;
    out.tls = tls_of(hubble, options);
    out.timeout = duration_of(options, "timeout");
    out.wanted = {.l7 = settings.gates.l7, .audit = settings.gates.audit, .forwarded = settings.gates.forwarded};
    out.namespaces.assign(settings.gates.namespaces.begin(), settings.gates.namespaces.end());
    set_window(settings.gates.window, out);
    check_with_each(out, servers);
    return out;
}

// What lies before a time that is still to come is told by a clock, not by rings.
void stop_in_time(const time_window& window, session_settings& settings) {
    constexpr nanoseconds late = std::chrono::seconds(2);  // relay sorts what its nodes send in a second
    if (window.until_ns == time_window{}.until_ns || window.until_ns <= now_ns()) return;
    const nanoseconds left = nanoseconds(window.until_ns - now_ns()) + late;
    settings.duration = std::min(settings.duration.value_or(left), left);
}

// A capture that is not whole is no success, even where all policies are written. Where nothing came because no
// connection did, what the file held before stays.
exit_status with_capture(capture_writer* capture, exit_status status, logger& log) {
    if (!capture || (status == exit_status::fatal && capture->lines() == 0)) return status;
    const std::string problem = capture->finish();
    if (problem.empty()) {
        log.info("capture written", {{"path", capture->path()}, {"lines", capture->lines()}});
        return status;
    }
    log.error(problem);
    return exit_status::fatal;
}

}  // namespace

exit_status run_generate(const parsed_options& options, logger& log) {
    const auto begun = std::chrono::steady_clock::now();
    session_settings settings = session_settings_of(options, log);
    if (options.has("duration")) settings.duration = duration_of(options, "duration");
    stop_in_time(settings.gates.window, settings);
    const hubble_settings hubble(options);
    const std::vector<relay_address> servers = servers_of(hubble, options);
    relay_options relay = relay_options_of(hubble, options, settings, servers);
    if (settings.evidence) settings.evidence->source.server = shown(servers);
    cluster_flags cluster = cluster_flags_of(options);
    cluster.kube_namespace = kube_namespace_of(options, hubble.text("kube-namespace"));
    // One time for the whole way to a usable stream. What is only worth a warning takes no more than half of it.
    relay.first_deadline = begun + std::chrono::duration_cast<std::chrono::steady_clock::duration>(relay.timeout);
    if (options.is_on("l7") && !options.is_on("no-l7-preflight")) warn_about_l7(cluster, relay.timeout / 2, log);
    use_cluster_dedup(options, settings, *relay.first_deadline, log);
    conclude_when_stuck(options, settings, log);
    write_health_at_end(settings, log);
    std::optional<capture_writer> capture;
    if (options.has("capture-file")) capture.emplace(options.text("capture-file"));
    relay.capture = capture ? &*capture : nullptr;
    const session_result result = capture_live(settings, std::move(relay), servers, cluster, log);
    return with_capture(relay.capture, conclude(options, settings, result, log), log);
}

}  // namespace cpg
