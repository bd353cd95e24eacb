// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/l7_request.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cpg {

namespace {

constexpr std::size_t most_path_bytes = 8192;
constexpr std::size_t most_method_bytes = 32;
constexpr std::size_t most_name_bytes = 255;
constexpr std::size_t most_label_bytes = 63;

bool is_scheme(std::string_view text) {
    return !text.empty() && is_letter(text[0]) && std::ranges::all_of(text, [](char c) {
        return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    });
}

// Behind `scheme://`. Without a scheme, //x may be a path or a host (RFC 3986 section 4.2); what has a user, and maybe
// a password, is a host, and belongs in no policy.
std::size_t begin_of_authority(std::string_view url) {
    if (url.starts_with("//"))
        return url.substr(2, url.find_first_of("/?#", 2) - 2).find('@') == std::string_view::npos ? url.npos : 2;
    const std::size_t mark = url.find("://");
    return mark != std::string_view::npos && is_scheme(url.substr(0, mark)) ? mark + 3 : std::string_view::npos;
}

std::string_view without_authority(std::string_view url) {
    const std::size_t begin = begin_of_authority(url);
    if (begin == std::string_view::npos) return url;
    const std::string_view rest = url.substr(begin);
    const std::size_t path = rest.find_first_of("/?#");
    if (path != std::string_view::npos) return rest.substr(path);
    // `OPTIONS *` comes as the authority with the target behind it.
    return rest.ends_with('*') ? rest.substr(rest.size() - 1) : std::string_view();
}

// Visible ASCII: nothing else can stand in `:path` (RFC 9113 section 8.3.1, RFC 3986).
bool can_be_on_the_wire(std::string_view path) {
    return std::ranges::all_of(path, [](char c) { return c > 0x20 && c < 0x7F; });
}

bool is_dns_label_text(std::string_view label) {
    return !label.empty() && label.size() <= most_label_bytes &&
           std::ranges::all_of(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
}

}  // namespace

std::optional<http_target> http_target_of(std::string_view url) {
    if (url.empty()) return std::nullopt;
    std::string_view rest = without_authority(url);
    rest = rest.substr(0, rest.find('#'));
    const std::size_t query = rest.find('?');
    http_target out{.path = rest.substr(0, query), .has_query = query != std::string_view::npos};
    if (out.path.empty()) out.path = "/";
    if (out.path[0] != '/' || out.path.size() > most_path_bytes || !can_be_on_the_wire(out.path)) return std::nullopt;
    return out;
}

std::string path_pattern(const http_target& http_target) {
    constexpr std::string_view special = "\\.+*?()|[]{}^$";
    std::string out = "^";
    for (const char c : http_target.path) {
        if (special.find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out + (http_target.has_query ? "(\\?.*)?$" : "$");
}

bool is_http_method(std::string_view text) {
    return !text.empty() && text.size() <= most_method_bytes &&
           std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
}

std::optional<std::string> dns_name_of(std::string_view query) {
    if (query.ends_with('.')) query.remove_suffix(1);
    if (query.empty() || query.size() > most_name_bytes) return std::nullopt;
    if (!std::ranges::all_of(split(query, '.'), is_dns_label_text)) return std::nullopt;
    return lower(query);
}

std::vector<std::string> dns_names_of(std::span<const std::string_view> names) {
    std::vector<std::string> out;
    for (const std::string_view name : names)
        if (auto valid = dns_name_of(name)) out.push_back(std::move(*valid));
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

}  // namespace cpg
