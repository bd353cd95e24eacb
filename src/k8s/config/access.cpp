// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/config/access.hpp"

#include "base/url.hpp"

namespace cpg::k8s {

std::optional<server_url> parse_server(std::string_view text) {
    const bool has_scheme = text.find("://") != std::string_view::npos;
    const auto parts = parse_url((has_scheme ? "" : "http://") + std::string(text));
    if (!parts || (parts->scheme != "https" && parts->scheme != "http")) return std::nullopt;
    server_url out;
    out.tls = parts->scheme == "https";
    out.host = parts->host;
    out.port = !parts->port.empty() ? parts->port : out.tls ? "443" : "80";
    out.prefix = parts->path;
    while (out.prefix.ends_with('/'))
        out.prefix.pop_back();
    return out;
}

std::string shown_server(const cluster_access& access) {
    return (access.server.tls ? "https://" : "http://") + join_host_port(access.server.host, access.server.port);
}

}  // namespace cpg::k8s
