// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// URLs and the encodings around them, as far as an API client needs them. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

#include "k8s/access.hpp"

namespace cpg::k8s {

/// A URL in parts; nothing is decoded but user and password.
struct url_parts {
    std::string scheme;  ///< lower case
    std::string user;
    std::string password;
    bool has_user = false;
    std::string host;  ///< without the brackets of IPv6
    std::string port;  ///< empty when not given
    std::string path;  ///< without query and fragment
};

/// Splits `scheme://[user[:password]@]host[:port][/path]`; nothing when it is no such URL.
std::optional<url_parts> parse_url(std::string_view text);

/// The server of a kubeconfig; without a scheme it is http, whatever else the entry says, as in client-go.
/// Nothing when the text names no host or no usable port.
std::optional<server_url> parse_server(std::string_view text);

/// host:port with brackets round an IPv6 address.
std::string join_host_port(std::string_view host, std::string_view port);
/// Everything but unreserved characters as %XX.
std::string percent_encode(std::string_view text);
/// Standard alphabet with padding.
std::string base64_encode(std::string_view bytes);

struct base64_result {
    std::string bytes;
    std::optional<std::size_t> bad_at;  ///< the first byte of the text that is not base64
};

/// Standard alphabet with padding; CR and LF are skipped, as Go's decoder does.
base64_result base64_decode(std::string_view text);

/// An IPv4 or IPv6 address in text form.
bool is_ip_address(std::string_view host);

}  // namespace cpg::k8s
