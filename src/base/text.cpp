// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <tuple>
#include <utility>

namespace cpg {

namespace {

constexpr char32_t replacement = 0xFFFD;

struct code_point {
    char32_t value;
    std::size_t length;
    bool valid;
};

std::size_t sequence_length(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return 2;
    if (lead >= 0xE0 && lead <= 0xEF) return 3;
    if (lead >= 0xF0 && lead <= 0xF4) return 4;
    return 0;
}

bool is_overlong_or_surrogate(char32_t value, std::size_t length) {
    return (length == 3 && value < 0x800) || (length == 4 && value < 0x10000) || value > 0x10FFFF ||
           (value >= 0xD800 && value <= 0xDFFF);
}

code_point next_code_point(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = sequence_length(lead);
    if (length == 1) return {lead, 1, true};
    if (length == 0 || length > text.size()) return {replacement, 1, false};
    char32_t value = lead & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0u) != 0x80u) return {replacement, 1, false};
        value = (value << 6) | (byte & 0x3Fu);
    }
    if (is_overlong_or_surrogate(value, length)) return {replacement, 1, false};
    return {value, length, true};
}

// C0, DEL, C1; line and paragraph separators; the bidirectional overrides and isolates; the byte order mark.
bool is_unsafe(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029 || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0xFEFF;
}

void append_escape(std::string& out, char32_t c) {
    std::array<char, 8> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "\\u%04x", static_cast<unsigned>(c));
    out += buffer.data();
}

void append_safe(std::string& out, std::string_view text, const code_point& point) {
    if (!point.valid)
        out += "\xEF\xBF\xBD";
    else if (is_unsafe(point.value))
        append_escape(out, point.value);
    else
        out.append(text.substr(0, point.length));
}

char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_dns_part(std::string_view text) {
    return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
           std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_plain_in_json(char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t at = 0;;) {
        const std::size_t end = text.find(separator, at);
        parts.push_back(text.substr(at, end - at));
        if (end == std::string_view::npos) return parts;
        at = end + 1;
    }
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n\v\f";
    const std::size_t first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), ascii_lower);
    return out;
}

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, ascii_lower, ascii_lower);
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
    std::string out;
    for (const std::string& part : parts) {
        if (&part != parts.data()) out += separator;
        out += part;
    }
    return out;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string> lines(1);
    std::size_t columns = 0;
    for (const std::string_view word : split(text, ' ')) {
        const std::size_t size = decode_utf8(word).size();
        if (columns > 0 && columns + 1 + size > width) {
            lines.emplace_back();
            columns = 0;
        }
        if (columns > 0) lines.back() += ' ';
        columns += size + (columns > 0);
        lines.back() += word;
    }
    return lines;
}

std::u32string decode_utf8(std::string_view text) {
    std::u32string out;
    while (!text.empty()) {
        const code_point point = next_code_point(text);
        out += point.value;
        text.remove_prefix(point.length);
    }
    return out;
}

bool is_valid_utf8(std::string_view text) {
    while (!text.empty()) {
        const code_point point = next_code_point(text);
        if (!point.valid) return false;
        text.remove_prefix(point.length);
    }
    return true;
}

std::string shell_quote(std::string_view text) {
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? "'\\''" : std::string(1, c);
    return out + "'";
}

std::string shell_word(std::string_view text) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=:@%+-";
    return text.empty() || text.find_first_not_of(plain) != std::string_view::npos ? shell_quote(text)
                                                                                   : std::string(text);
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const code_point point = next_code_point(text);
        append_safe(out, text, point);
        text.remove_prefix(point.length);
    }
    return out;
}

std::string json_quote(std::string_view text) {
    std::string out;
    append_json_quoted(out, text);
    return out;
}

// Nearly all text is plain, and goes over in one piece.
void append_json_quoted(std::string& to, std::string_view text) {
    to += '"';
    while (!text.empty()) {
        const auto plain = std::ranges::find_if_not(text, is_plain_in_json);
        to.append(text.begin(), plain);
        text.remove_prefix(static_cast<std::size_t>(plain - text.begin()));
        if (text.empty()) break;
        const code_point point = next_code_point(text);
        if (text[0] == '"' || text[0] == '\\') to += '\\';
        append_safe(to, text, point);
        text.remove_prefix(point.length);
    }
    to += '"';
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    const std::u32string from = decode_utf8(a);
    const std::u32string to = decode_utf8(b);
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= from.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= to.size(); ++j) {
            const std::size_t substituted = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

std::vector<std::string> near_names(std::string_view name, std::span<const std::string_view> candidates,
                                    std::size_t most) {
    const std::string wanted = lower(name);
    const std::size_t length = decode_utf8(wanted).size();
    if (length < 2) return {};
    const std::size_t threshold = length < 4 ? 1 : std::max<std::size_t>(2, length / 3);
    enum class nearness { begun, misspelt, contained };
    std::vector<std::tuple<nearness, std::size_t, std::string>> found;
    for (const std::string_view candidate : candidates) {
        const std::string other = lower(candidate);
        const std::size_t distance = edit_distance(wanted, other);
        if (other.starts_with(wanted))
            found.emplace_back(nearness::begun, distance, candidate);
        else if (distance <= threshold)
            found.emplace_back(nearness::misspelt, distance, candidate);
        else if (length >= 3 && other.find(wanted) != std::string::npos)
            found.emplace_back(nearness::contained, distance, candidate);
    }
    std::ranges::sort(found);
    if (found.size() > most) found.resize(most);
    std::vector<std::string> names;
    for (auto& [how, distance, candidate] : found)
        names.push_back(std::move(candidate));
    return names;
}

std::string grouped(std::uint64_t number) {
    std::string out = std::to_string(number);
    for (std::size_t at = out.size(); at > 3;)
        out.insert(at -= 3, ",");
    return out;
}

std::optional<unsigned long long> parse_unsigned(std::string_view text) {
    unsigned long long value = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || stopped != end) return std::nullopt;
    return value;
}

bool is_dns_label(std::string_view text) {
    return text.size() <= 63 && is_dns_part(text);
}

bool is_dns_subdomain(std::string_view text) {
    return text.size() <= 253 && std::ranges::all_of(split(text, '.'), is_dns_part);
}

}  // namespace cpg
