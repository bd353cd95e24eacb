// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/plain_reader.hpp"

#include <bit>
#include <cstdint>
#include <cstring>

namespace cpg::json {

namespace {

// Less than the parser goes; Hubble's lines are 8 deep.
constexpr std::size_t most_depth = 16;
// Always fits 64 bits.
constexpr std::size_t most_digits = 18;

constexpr std::uint64_t in_each_byte(unsigned char byte) {
    return byte * 0x0101010101010101u;
}

// The high bit of the first byte that is a quote, a backslash, a control character or not ASCII is set, and no bit
// before it: a subtraction borrows from bytes behind such a one alone.
std::uint64_t stops_in(std::uint64_t bytes) {
    const std::uint64_t quotes = (bytes ^ in_each_byte('"')) - in_each_byte(1);
    const std::uint64_t backslashes = (bytes ^ in_each_byte('\\')) - in_each_byte(1);
    const std::uint64_t controls = bytes - in_each_byte(0x20);
    return (quotes | backslashes | controls | bytes) & in_each_byte(0x80);
}

bool is_plain(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

// Eight bytes at a time, but for the last of a line.
const char* end_of_plain_text(const char* at, const char* end) {
    if constexpr (std::endian::native == std::endian::little)
        for (; end - at >= 8; at += 8) {
            std::uint64_t bytes = 0;
            std::memcpy(&bytes, at, sizeof bytes);
            if (const std::uint64_t stops = stops_in(bytes)) return at + std::countr_zero(stops) / 8;
        }
    while (at < end && is_plain(*at))
        ++at;
    return at;
}

// Behind a line stands its break, or the zero behind all text: neither is a blank, nor anything else that is looked for
// here, so that the end need not be.
const char* behind_blanks(const char* at) {
    while (*at == ' ' || *at == '\t' || *at == '\r')
        ++at;
    return at;
}

}  // namespace

std::size_t plain_reader::read(std::string_view text) {
    end_ = text.data() + text.size();
    depth_ = 0;
    if (!text.starts_with('{')) return 0;
    const place behind = object(text.data());
    return behind ? static_cast<std::size_t>(behind - text.data()) : 0;
}

plain_reader::place plain_reader::object(place at) {
    if (++depth_ > most_depth || !handler_.on_object_begin(refused_)) return nullptr;
    at = behind_blanks(at + 1);
    at = *at == '}' ? at + 1 : members(at);
    --depth_;
    return at && handler_.on_object_end(0, refused_) ? at : nullptr;
}

plain_reader::place plain_reader::members(place at) {
    for (;; at = behind_blanks(at + 1)) {
        if (*at != '"') return nullptr;
        const place key = at + 1;
        at = end_of_plain_text(key, end_);
        const auto size = static_cast<std::size_t>(at - key);
        if (*at != '"' || !handler_.on_key({key, size}, size, refused_)) return nullptr;
        at = behind_blanks(at + 1);
        if (*at != ':') return nullptr;
        at = value(behind_blanks(at + 1));
        if (!at) return nullptr;
        at = behind_blanks(at);
        if (*at == '}') return at + 1;
        if (*at != ',') return nullptr;
    }
}

plain_reader::place plain_reader::array(place at) {
    if (++depth_ > most_depth || !handler_.on_array_begin(refused_)) return nullptr;
    at = behind_blanks(at + 1);
    for (bool is_first = true; !is_first || *at != ']'; is_first = false) {
        at = value(at);
        if (!at) return nullptr;
        at = behind_blanks(at);
        if (*at == ']') break;
        if (*at != ',') return nullptr;
        at = behind_blanks(at + 1);
    }
    --depth_;
    return handler_.on_array_end(0, refused_) ? at + 1 : nullptr;
}

plain_reader::place plain_reader::value(place at) {
    switch (*at) {
        case '"': return string_value(at);
        case '{': return object_value(at);
        case '[': return array(at);
        case 't': at = word(at, "true"); return at && handler_.on_bool(true, refused_) ? at : nullptr;
        case 'f': at = word(at, "false"); return at && handler_.on_bool(false, refused_) ? at : nullptr;
        case 'n': at = word(at, "null"); return at && handler_.on_null(refused_) ? at : nullptr;
        default: return number(at);
    }
}

plain_reader::place plain_reader::string_value(place at) {
    const place text = at + 1;
    at = end_of_plain_text(text, end_);
    const auto size = static_cast<std::size_t>(at - text);
    return *at == '"' && handler_.on_string({text, size}, size, refused_) ? at + 1 : nullptr;
}

plain_reader::place plain_reader::object_value(place at) {
    endpoint* const wanted = handler_.wanted_endpoint();
    if (!wanted) return object(at);
    if (const std::size_t size = memo_.recall({at, end_}, *wanted)) return at + size;
    const place behind = object(at);
    if (behind) memo_.remember({at, behind}, *wanted);
    return behind;
}

// Whether something else than its end follows, such as a fraction, is seen by who goes on.
plain_reader::place plain_reader::number(place at) {
    const place begin = at;
    std::uint64_t number = 0;
    for (; *at >= '0' && *at <= '9'; ++at)
        number = number * 10 + static_cast<std::uint64_t>(*at - '0');
    const auto digits = static_cast<std::size_t>(at - begin);
    if (digits == 0 || digits > most_digits || (*begin == '0' && digits > 1)) return nullptr;
    return handler_.on_uint64(number, {begin, digits}, refused_) ? at : nullptr;
}

plain_reader::place plain_reader::word(place at, std::string_view wanted) const {
    return std::string_view(at, end_).starts_with(wanted) ? at + wanted.size() : nullptr;
}

}  // namespace cpg::json
