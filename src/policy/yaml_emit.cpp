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
    constexpr std::size_t longest = 5;
    if (text.size() > longest) return false;
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
std::string scalar_text(const tree& tree) {
    if (!tree.quoted || is_plain_string(tree.scalar)) return tree.scalar;
    if (tree.scalar.find('\\') != std::string::npos && printable(tree.scalar) == tree.scalar)
        return single_quoted(tree.scalar);
    return json_quote(tree.scalar);
}

std::string key_text(std::string_view key) {
    return is_plain_string(key) ? std::string(key) : json_quote(key);
}

bool is_inline(const tree& tree) {
    return tree.items.empty() && tree.members.empty();
}

std::string inline_text(const tree& node) {
    switch (node.what) {
        case tree::kind::null: return "null";
        case tree::kind::scalar: return scalar_text(node);
        case tree::kind::sequence: return "[]";
        case tree::kind::mapping: return "{}";
    }
    return {};
}

// The printers append to one text: a list of thousands is not copied again at each level.
void append_block(std::string& out, const tree& node, std::size_t column);

void append_member(std::string& out, const tree::member& member, std::size_t column) {
    out.append(column, ' ').append(key_text(member.first)) += ':';
    if (is_inline(member.second)) {
        (out += ' ').append(inline_text(member.second)) += '\n';
        return;
    }
    out += '\n';
    append_block(out, member.second, column + level);
}

void append_item(std::string& out, const tree& item, std::size_t column, std::string_view comment) {
    if (!comment.empty()) out.append(column, ' ').append("# ").append(printable(comment)) += '\n';
    if (is_inline(item)) {
        out.append(column, ' ').append("- ").append(inline_text(item)) += '\n';
        return;
    }
    // The first line of what is in the item stands behind its dash.
    const std::size_t start = out.size();
    append_block(out, item, column + level);
    out[start + column] = '-';
}

void append_block(std::string& out, const tree& node, std::size_t column) {
    if (is_inline(node)) out.append(column, ' ').append(inline_text(node)) += '\n';
    for (const tree& item : node.items)
        append_item(out, item, column, {});
    for (const tree::member& member : node.members)
        append_member(out, member, column);
}

}  // namespace

bool is_plain_string(std::string_view text) {
    if (text.empty() || is_reserved_word(text)) return false;
    if (is_plain_cidr(text)) return true;
    if (!is_letter(text[0]) && text[0] != '_' && text[0] != '/') return false;
    return std::ranges::all_of(
        text, [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-' || c == '/'; });
}

std::string emit_block(const tree& node, std::size_t column) {
    std::string out;
    append_block(out, node, column);
    return out;
}

std::string emit_item(const tree& tree, std::size_t column, std::string_view comment) {
    std::string out;
    append_item(out, tree, column, comment);
    return out;
}

std::string emit_items(const std::vector<printed_item>& items, std::size_t column) {
    std::string out;
    for (const printed_item& each : items)
        append_item(out, each.value, column, each.comment);
    return out;
}

std::string emit_member(std::string_view key, const std::vector<printed_item>& items, std::size_t column) {
    return std::string(column, ' ') + key_text(key) + ":\n" + emit_items(items, column + level);
}

tree list_of(const std::vector<printed_item>& items) {
    std::vector<tree> out;
    out.reserve(items.size());
    for (const printed_item& each : items)
        out.push_back(each.value);
    return tree::list(std::move(out));
}

std::string emit_flow(const tree& node) {
    std::string out;
    if (node.is_sequence()) {
        for (const tree& item : node.items)
            out += (out.empty() ? "" : ", ") + emit_flow(item);
        return "[" + out + "]";
    }
    if (node.is_mapping()) {
        for (const auto& [key, value] : node.members)
            out += (out.empty() ? "" : ", ") + json_quote(key) + ": " + emit_flow(value);
        return "{" + out + "}";
    }
    return node.is_scalar() && node.quoted ? json_quote(node.scalar) : inline_text(node);
}

}  // namespace cpg
