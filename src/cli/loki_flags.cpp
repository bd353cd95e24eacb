// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/loki_flags.hpp"

#include <cstdlib>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "cli/session_flags.hpp"

namespace cpg {

namespace {

// logcli's variables (grafana/loki, cmd/logcli).
std::string from_environment(const char* name) {
    const char* const value = std::getenv(name);
    return value ? value : "";
}

k8s::server_url server_of(const std::string& text) {
    const auto url = parse_url(text);
    if (!url || (url->scheme != "http" && url->scheme != "https"))
        throw usage_error("--loki is a URL such as https://loki.example.com:3100, not " +
                          json_quote(without_userinfo(text)));
    if (url->has_user)
        throw usage_error("--loki: a password on the command line is seen by all: use LOKI_USERNAME and LOKI_PASSWORD");
    return *k8s::parse_server(text);
}

// Of several files all certificates are trusted.
std::string authorities_of(const parsed_options& options) {
    std::string out;
    for (const std::string& file : options.list("tls-ca-cert-files")) {
        const auto text = read_file(file, limits::kubeconfig_bytes);
        if (!text) throw usage_error("--tls-ca-cert-files: there is no file " + file);
        out += *text + "\n";
    }
    return out;
}

k8s::user_credentials user_of(const k8s::server_url& server) {
    k8s::user_credentials out;
    out.name = "loki";
    out.token = from_environment("LOKI_BEARER_TOKEN");
    out.token_file = from_environment("LOKI_BEARER_TOKEN_FILE");
    if (out.token.empty() && out.token_file.empty()) {
        out.username = from_environment("LOKI_USERNAME");
        out.password = from_environment("LOKI_PASSWORD");
    }
    const bool has_secret = !out.token.empty() || !out.token_file.empty() || !out.username.empty();
    if (has_secret && !server.tls)
        throw usage_error(
            "--loki: LOKI_BEARER_TOKEN, LOKI_BEARER_TOKEN_FILE and LOKI_USERNAME are sent over https:// "
            "alone");
    return out;
}

// A line is written to Loki after its flow was seen.
time_window window_of_lines(const time_window& flows) {
    constexpr std::int64_t late_ns = 60'000'000'000;
    const std::int64_t now = now_ns();
    return {.since_ns = flows.since_ns, .until_ns = flows.until_ns > now - late_ns ? now : flows.until_ns + late_ns};
}

}  // namespace

std::optional<loki_settings> loki_settings_of(const parsed_options& options) {
    if (!options.has("loki")) return std::nullopt;
    if (!options.arguments.empty()) throw usage_error("--loki takes the place of files: give one or the other");
    if (!options.has("since")) throw usage_error("--loki needs --since: how far back it is to be read");
    if (options.text("loki-query").empty())
        throw usage_error("--loki needs --loki-query, which selects the lines: '{app=\"hubble\"}'");
    loki_settings out;
    out.access.server_text = options.text("loki");
    out.access.server = server_of(options.text("loki"));
    out.access.certificate_authority.data = authorities_of(options);
    out.access.tls_server_name = options.text("tls-server-name");
    out.access.insecure = options.is_on("tls-allow-insecure");
    out.access.user = user_of(out.access.server);
    out.access.user.client_certificate.file = options.text("tls-client-cert-file");
    out.access.user.client_key.file = options.text("tls-client-key-file");
    if (const std::string tenant = from_environment("LOKI_ORG_ID"); !tenant.empty())
        out.access.headers.emplace_back("X-Scope-OrgID", tenant);
    out.query = options.text("loki-query");
    out.user_agent = cluster_flags_of(options).user_agent;
    out.window = window_of_lines(window_of(options));
    return out;
}

}  // namespace cpg
