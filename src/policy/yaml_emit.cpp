// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

constexpr std::size_t level = 2;

// Words that YAML 1.1 or 1.2 reads as a boolean or null, in any case.
bool is_reserved_word(std::string_view text) {
    constexpr std::array<std::string_view, 9> words = {"true", "false", "yes", "no", "on", "off", "y", "n", "null"};
    return std::ranges::any_of(words, [&](std::string_view word) { return equal_ignoring_case(word, text); });
}

// Addresses with a prefix length: no number, no time and no mapping has a '/' behind digits and colons.
bool is_plain_cidr(std::string_view text) {
    return text.find('/') != std::string_view::npos && !text.starts_with(':') && !text.ends_with(':') &&
           std::ranges::all_of(
               text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || c == '.' || c == ':' || c == '/'; });
}

std::string single_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text)
        out.append(c == '\'' ? 2 : 1, c);
    return out + "'";
}

// Backslashes of a regular expression read best in single quotes, which can't hold a line break.
std::string scalar_text(const tree& of) {
    if (!of.quoted || is_plain_string(of.scalar)) return of.scalar;
    if (of.scalar.find('\\') != std::string::npos && printable(of.scalar) == of.scalar) return single_quoted(of.scalar);
    return json_quote(of.scalar);
}

std::string key_text(std::string_view key) {
    return is_plain_string(key) ? std::string(key) : json_quote(key);
}

bool is_inline(const tree& of) {
    return of.items.empty() && of.members.empty();
}

std::string inline_text(const tree& of) {
    switch (of.what) {
        case tree::kind::null: return "null";
        case tree::kind::scalar: return scalar_text(of);
        case tree::kind::sequence: return "[]";
        case tree::kind::mapping: return "{}";
    }
    return {};
}

}  // namespace

bool is_plain_string(std::string_view text) {
    if (text.empty() || is_reserved_word(text)) return false;
    if (is_plain_cidr(text)) return true;
    if (!is_letter(text[0]) && text[0] != '_' && text[0] != '/') return false;
    return std::ranges::all_of(
        text, [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-' || c == '/'; });
}

std::string emit_member(const tree::member& of, std::size_t column) {
    std::string out = std::string(column, ' ') + key_text(of.first) + ":";
    if (is_inline(of.second)) return out + " " + inline_text(of.second) + "\n";
    return out + "\n" + emit_block(of.second, column + level);
}

std::string emit_item(const tree& of, std::size_t column) {
    const std::string indent(column, ' ');
    std::string out;
    if (!of.comment.empty()) out = indent + "# " + printable(of.comment) + "\n";
    if (is_inline(of)) return out + indent + "- " + inline_text(of) + "\n";
    // The first line of what is in the item stands behind its dash.
    std::string content = emit_block(of, column + level);
    content.replace(column, level, "- ");
    return out + content;
}

std::string emit_block(const tree& of, std::size_t column) {
    if (is_inline(of)) return std::string(column, ' ') + inline_text(of) + "\n";
    std::string out;
    for (const tree& item : of.items)
        out += emit_item(item, column);
    for (const tree::member& member : of.members)
        out += emit_member(member, column);
    return out;
}

std::string emit_flow(const tree& of) {
    std::string out;
    if (of.is_sequence()) {
        for (const tree& item : of.items)
            out += (out.empty() ? "" : ", ") + emit_flow(item);
        return "[" + out + "]";
    }
    if (of.is_mapping()) {
        for (const auto& [key, value] : of.members)
            out += (out.empty() ? "" : ", ") + json_quote(key) + ": " + emit_flow(value);
        return "{" + out + "}";
    }
    return of.is_scalar() && of.quoted ? json_quote(of.scalar) : inline_text(of);
}

}  // namespace cpg
