// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include "base/text.hpp"

namespace cpg {

namespace {

namespace urls = boost::urls;

std::string text_of(urls::string_view text) {
    return {text.data(), text.size()};
}

// An empty port is none (RFC 3986, 3.2.3). Boost 1.81 reads 99999 as a number below 65536.
bool is_port_or_empty(std::string_view text) {
    const auto number = parse_unsigned(text);
    return text.empty() || (number && *number > 0 && *number <= 65535);
}

// Behind an authority a path begins with a slash; Boost 1.81 takes the x of `http://host:x` for one.
bool is_path(urls::string_view text) {
    return text.empty() || text.front() == '/';
}

}  // namespace

std::optional<url_parts> parse_url(std::string_view text) {
    const auto parsed = urls::parse_uri(urls::string_view(text.data(), text.size()));
    if (!parsed || !parsed->has_authority() || parsed->encoded_host().empty() ||
        !is_port_or_empty(text_of(parsed->port())) || !is_path(parsed->encoded_path()))
        return std::nullopt;
    url_parts out;
    out.scheme = lower(text_of(parsed->scheme()));
    out.has_user = parsed->has_userinfo();
    out.user = parsed->user();
    out.password = parsed->password();
    out.host = text_of(parsed->encoded_host_address());
    out.port = text_of(parsed->port());
    out.path = text_of(parsed->encoded_path());
    return out;
}

std::string without_userinfo(std::string_view text) {
    const std::size_t mark = text.find("://");
    const bool has_scheme = mark != std::string_view::npos && std::ranges::all_of(text.substr(0, mark), [](char c) {
                                return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
                            });
    const std::size_t start = has_scheme ? mark + 3 : 0;
    std::string_view authority = text.substr(start);
    if (parse_url(text)) authority = authority.substr(0, authority.find_first_of("/?#"));
    const std::size_t at = authority.rfind('@');
    if (at == std::string_view::npos) return std::string(text);
    return std::string(text.substr(0, start)).append(text.substr(start + at + 1));
}

std::string join_host_port(std::string_view host, std::string_view port) {
    std::string out(host);
    if (host.find(':') != std::string_view::npos) out = "[" + out + "]";
    return out.append(":").append(port);
}

std::string percent_encode(std::string_view text) {
    return urls::encode(urls::string_view(text.data(), text.size()), urls::unreserved_chars);
}

bool is_ip_address(std::string_view host) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    const std::string text(host.substr(0, host.find('%')));
    return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

}  // namespace cpg
