// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace cpg::k8s {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape =
            text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0;
        if (!escape) {
            out += text[i];
            continue;
        }
        out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
        i += 2;
    }
    return out;
}

bool is_port(std::string_view text) {
    const auto number = parse_unsigned(text);
    return number && *number > 0 && *number <= 65535;
}

// Splits "host", "host:port", "[v6]" and "[v6]:port".
bool split_host_port(std::string_view text, url_parts& out) {
    std::string_view rest;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return false;
        out.host = std::string(text.substr(1, end - 1));
        rest = text.substr(end + 1);
    } else {
        const auto colon = text.find(':');
        out.host = std::string(text.substr(0, colon));
        rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    }
    if (!rest.empty() && rest.front() != ':') return false;
    if (!rest.empty()) rest.remove_prefix(1);
    if (!rest.empty() && !is_port(rest)) return false;
    out.port = std::string(rest);
    const auto bad = [](unsigned char c) { return c <= ' ' || c == 0x7f; };
    return !out.host.empty() && std::none_of(out.host.begin(), out.host.end(), bad);
}

void take_user(std::string_view text, url_parts& out) {
    const auto colon = text.find(':');
    out.has_user = true;
    out.user = percent_decode(text.substr(0, colon));
    if (colon != std::string_view::npos) out.password = percent_decode(text.substr(colon + 1));
}

bool is_scheme(std::string_view text) {
    const auto good = [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '-' || c == '.'; };
    return !text.empty() && std::isalpha(static_cast<unsigned char>(text[0])) &&
           std::all_of(text.begin(), text.end(), good);
}

}  // namespace

std::optional<url_parts> parse_url(std::string_view text) {
    const auto mark = text.find("://");
    if (mark == std::string_view::npos || !is_scheme(text.substr(0, mark))) return std::nullopt;
    url_parts out;
    out.scheme = lower(text.substr(0, mark));
    text = text.substr(mark + 3);
    text = text.substr(0, text.find_first_of("?#"));
    const auto slash = text.find('/');
    std::string_view authority = text.substr(0, slash);
    if (slash != std::string_view::npos) out.path = std::string(text.substr(slash));
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        take_user(authority.substr(0, at), out);
        authority = authority.substr(at + 1);
    }
    if (!split_host_port(authority, out)) return std::nullopt;
    return out;
}

std::optional<server_url> parse_server(std::string_view text) {
    std::string whole(text);
    if (whole.find("://") == std::string::npos) whole = "http://" + whole;
    const auto parts = parse_url(whole);
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

std::string join_host_port(std::string_view host, std::string_view port) {
    std::string out(host);
    if (host.find(':') != std::string_view::npos) out = "[" + out + "]";
    return out.append(":").append(port);
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || c == '-' || c == '_' || c == '.' || c == '~') {
            out += c;
        } else {
            out.append({'%', digits[byte >> 4], digits[byte & 15]});
        }
    }
    return out;
}

std::string base64_encode(std::string_view bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        unsigned value = 0;
        for (std::size_t k = 0; k < 3; ++k)
            value = value << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            out += k <= count ? alphabet[value >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}

base64_result base64_decode(std::string_view text) {
    base64_result out;
    unsigned value = 0;
    std::size_t digits = 0;
    std::size_t padding = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\r' || c == '\n') continue;
        const auto position = alphabet.find(c);
        const bool pads = c == '=' && digits % 4 >= 2 && padding + digits % 4 < 4;
        if (!pads && (padding > 0 || position == std::string_view::npos)) return {.bytes = {}, .bad_at = i};
        if (pads) {
            ++padding;
            continue;
        }
        value = (value << 6 | static_cast<unsigned>(position)) & 0xffffffU;
        ++digits;
        if (digits % 4 == 2) out.bytes += static_cast<char>(value >> 4 & 255);
        if (digits % 4 == 3) out.bytes += static_cast<char>(value >> 2 & 255);
        if (digits % 4 == 0) out.bytes += static_cast<char>(value & 255);
    }
    const std::size_t tail = digits % 4;
    if (tail == 1 || padding != (4 - tail) % 4) return {.bytes = {}, .bad_at = text.size()};
    return out;
}

bool is_ip_address(std::string_view host) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    const std::string text(host.substr(0, host.find('%')));
    return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

}  // namespace cpg::k8s
