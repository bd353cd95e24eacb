// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>
#include <cstdlib>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/session_flags.hpp"
#include "session/live.hpp"

namespace cpg {

namespace {

// The hubble CLI's variables: HUBBLE_ and the flag's name in capitals with '_' for '-'. A flag wins.
std::string flag_or_environment(const parsed_options& options, std::string_view name) {
    if (options.has(name)) return options.text(name);
    std::string variable = "HUBBLE_" + std::string(name);
    std::ranges::transform(variable, variable.begin(), [](char c) {
        return c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    const char* const value = std::getenv(variable.c_str());
    return value ? value : "";
}

bool is_on(const parsed_options& options, std::string_view name) {
    if (options.has(name)) return options.is_on(name);
    const std::string value = flag_or_environment(options, name);
    return value == "true" || value == "1";
}

std::vector<std::string> files_of(const parsed_options& options, std::string_view name) {
    if (options.has(name)) return options.list(name);
    const std::string value = flag_or_environment(options, name);
    std::vector<std::string> files;
    for (const std::string_view file : split(value, ','))
        if (!trim(file).empty()) files.emplace_back(trim(file));
    return files;
}

relay_tls tls_of(const parsed_options& options) {
    return {.enabled = is_on(options, "tls"),
            .ca_files = files_of(options, "tls-ca-cert-files"),
            .client_cert_file = flag_or_environment(options, "tls-client-cert-file"),
            .client_key_file = flag_or_environment(options, "tls-client-key-file"),
            .server_name = flag_or_environment(options, "tls-server-name"),
            .allow_insecure = is_on(options, "tls-allow-insecure")};
}

relay_options relay_options_of(const parsed_options& options, const session_settings& settings) {
    relay_options out;
    const std::string server = flag_or_environment(options, "server");
    if (!server.empty()) out.address = parse_relay_address(server);
    out.tls = tls_of(options);
    out.timeout = duration_of(options, "timeout", true);
    out.wanted = {.l7 = settings.gates.l7, .audit = settings.gates.audit, .forwarded = settings.gates.forwarded};
    out.namespaces.assign(settings.gates.namespaces.begin(), settings.gates.namespaces.end());
    check_relay_options(out);
    return out;
}

}  // namespace

exit_status run_generate(const parsed_options& options, logger& log) {
    session_settings settings = session_settings_of(options, log);
    if (options.has("duration")) settings.duration = duration_of(options, "duration", true);
    relay_options relay = relay_options_of(options, settings);
    const cluster_flags cluster = cluster_flags_of(options);
    if (options.is_on("l7") && !options.is_on("no-l7-preflight")) warn_about_l7(cluster, relay.timeout, log);
    use_cluster_dedup(options, settings, log);
    conclude_when_stuck(options, settings, log);
    const session_result result = capture_live(settings, std::move(relay), cluster, log);
    return conclude(options, settings, result, log);
}

}  // namespace cpg
