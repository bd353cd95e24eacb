// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// URLs and addresses of servers, in the parts that a client needs. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

namespace cpg {

/// A URL in parts; nothing is decoded but user and password.
struct url_parts {
    std::string scheme;  ///< lower case
    std::string user;
    std::string password;
    bool has_user = false;
    std::string host;  ///< without the brackets of IPv6
    std::string port;  ///< 1 to 65535; empty when not given
    std::string path;  ///< without query and fragment
};

/// `scheme://[user[:password]@]host[:port][/path]`; nothing when it is no such URL (RFC 3986).
std::optional<url_parts> parse_url(std::string_view text);

/// For messages: the text without user and password. Of a text that is no URL all before its last @ goes, but for a
/// scheme, since a password with a slash in it is what makes many a URL unreadable.
std::string without_userinfo(std::string_view text);

/// host:port with brackets round an IPv6 address.
std::string join_host_port(std::string_view host, std::string_view port);
/// Everything but unreserved characters as %XX.
std::string percent_encode(std::string_view text);

/// An IPv4 or IPv6 address in text form.
bool is_ip_address(std::string_view host);

}  // namespace cpg
