// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Small pure functions on text, most of them about text that is not to be trusted. Any thread; no state.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cpg {

// ASCII, whatever the locale.
constexpr bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::vector<std::string_view> split(std::string_view text, char separator);
/// The parts would point into a text that is gone.
template <std::same_as<std::string> Temporary>
std::vector<std::string_view> split(Temporary&& text, char separator) = delete;
std::string_view trim(std::string_view text);
/// ASCII only: names in Kubernetes and DNS are ASCII.
std::string lower(std::string_view text);
std::string upper(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string join(std::span<const std::string> parts, std::string_view separator);

/// The words of `text` in lines of at most `width` columns; a word that is longer stands alone. At least one line.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

/// The code points of UTF-8 text; a byte that is not part of valid UTF-8 becomes U+FFFD.
std::u32string decode_utf8(std::string_view text);
bool is_valid_utf8(std::string_view text);

/// Text for a terminal or a comment: C0, DEL, C1, line separators and bidirectional controls are written as
/// \uXXXX and invalid UTF-8 as U+FFFD, so no byte of a flow can move the cursor or end a line.
std::string printable(std::string_view text);
/// In single quotes, as a shell reads it back.
std::string shell_quote(std::string_view text);
/// The same, where it needs quotes to be one word.
std::string shell_word(std::string_view text);
/// A JSON string with its quotes; also escapes what printable() escapes.
std::string json_quote(std::string_view text);
void append_json_quoted(std::string& to, std::string_view text);

/// Levenshtein distance counted in code points.
std::size_t edit_distance(std::string_view a, std::string_view b);
/// Up to `most` candidates near `name` (ignoring case), nearest first: those that begin with it, then those at a
/// distance of at most a third of its length (at least 2, and 1 for names of two and three letters), then those of
/// which it is a part. None is near a name of one letter.
std::vector<std::string> near_names(std::string_view name, std::span<const std::string_view> candidates,
                                    std::size_t most);

/// 1234567 as `1,234,567`.
std::string grouped(std::uint64_t number);

/// Whole text as a decimal number without sign, or nothing.
std::optional<unsigned long long> parse_unsigned(std::string_view text);

/// RFC 1123 label: [a-z0-9]([-a-z0-9]*[a-z0-9])?, at most 63 characters.
bool is_dns_label(std::string_view text);
/// RFC 1123 subdomain: dns labels joined with dots, at most 253 characters; parts are not limited on their own
/// (Kubernetes' IsDNS1123Subdomain).
bool is_dns_subdomain(std::string_view text);

}  // namespace cpg
