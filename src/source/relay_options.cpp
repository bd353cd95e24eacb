// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_options.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/url.hpp"

namespace cpg {

namespace {

constexpr std::string_view tls_scheme = "tls://";
constexpr std::string_view unix_scheme = "unix:";
constexpr std::string_view abstract_scheme = "unix-abstract:";
constexpr std::size_t longest_socket_path = 107;  // sun_path of sockaddr_un, less its zero

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw usage_error("bad server address \"" + printable(without_userinfo(text)) + "\": " + why);
}

void check_port(std::string_view text, std::string_view port) {
    const auto number = parse_unsigned(port);
    if (!number || *number == 0 || *number > 65535)
        refuse(text, "\"" + printable(port) + "\" is no port from 1 to 65535");
}

void check_host_and_port(std::string_view text, std::string_view rest) {
    if (rest.find('@') != std::string_view::npos)
        refuse(text, "gRPC knows no user and password: leave out all before the @");
    if (rest.find("://") != std::string_view::npos) refuse(text, "write host:port, tls://host:port or unix:///path");
    const std::size_t colon = rest.rfind(':');
    const bool bracketed = rest.starts_with('[');
    if (colon == std::string_view::npos || (bracketed && rest.find(']') + 1 != colon))
        refuse(text, "the port is missing, e.g. " + printable(rest) + ":4245");
    if (!bracketed && rest.find(':') != colon) refuse(text, "write an IPv6 address in brackets, e.g. [::1]:4245");
    if (colon == 0) refuse(text, "the host is missing, e.g. localhost" + printable(rest));
    if (rest.find_first_of("/ ,") != std::string_view::npos) refuse(text, "write host:port");
    check_port(text, rest.substr(colon + 1));
}

relay_address parse_unix(std::string_view text) {
    std::string_view path = text.substr(unix_scheme.size());
    if (path.starts_with("//")) path.remove_prefix(2);
    if (!path.starts_with('/')) refuse(text, "the path of a socket is absolute, e.g. unix:///run/hubble.sock");
    if (path.size() > longest_socket_path) refuse(text, "the path of a socket has at most 107 characters");
    return {"unix:" + std::string(path), std::string(text)};
}

}  // namespace

relay_address parse_relay_address(std::string_view text) {
    if (text.empty()) refuse(text, "it is empty");
    if (text.starts_with(unix_scheme)) return parse_unix(text);
    if (text.starts_with(abstract_scheme)) return {std::string(text), std::string(text), false, true};
    const bool tls = text.starts_with(tls_scheme);
    std::string_view rest = tls ? text.substr(tls_scheme.size()) : text;
    // gRPC's own ways to name a server; an address that is passed through is looked up by the dialler in the end.
    for (const std::string_view scheme : {"dns:///", "passthrough:///"})
        if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
    check_host_and_port(text, rest);
    return {"dns:///" + std::string(rest), std::string(text), tls, false};
}

std::string relay_tls::origin(const std::string& flag) const {
    const auto found = origins.find(flag);
    return found == origins.end() ? "--" + flag : found->second;
}

void check_relay_options(const relay_options& options) {
    const relay_tls& tls = options.tls;
    const bool any = !tls.ca_files.empty() || !tls.client_cert_file.empty() || !tls.client_key_file.empty() ||
                     !tls.server_name.empty() || tls.allow_insecure;
    if (any && tls.by_flags && !options.uses_tls())
        throw usage_error("the --tls-… flags need TLS: add --tls or write the server as tls://host:port");
    if (tls.client_cert_file.empty() != tls.client_key_file.empty())
        throw usage_error(tls.origin(tls.client_cert_file.empty() ? "tls-client-key-file" : "tls-client-cert-file") +
                          " is of use only together with --" +
                          (tls.client_cert_file.empty() ? "tls-client-cert-file" : "tls-client-key-file"));
    if (options.timeout <= nanoseconds(0)) throw usage_error("--timeout must be more than 0");
}

}  // namespace cpg
