// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "partial/json_out.hpp"

#include <array>

namespace cpg {

json_out& json_out::begin(char bracket) {
    separate();
    text_ += bracket;
    separates_ = false;
    return *this;
}

json_out& json_out::end(char bracket) {
    text_ += bracket;
    separates_ = true;
    return *this;
}

json_out& json_out::name(std::string_view name) {
    separate();
    append_quoted(name);
    text_ += ':';
    separates_ = false;
    return *this;
}

json_out& json_out::text(std::string_view text) {
    separate();
    append_quoted(text);
    return *this;
}

json_out& json_out::flag(bool value) {
    separate();
    text_ += value ? "true" : "false";
    return *this;
}

json_out& json_out::nothing() {
    separate();
    text_ += "null";
    return *this;
}

json_out& json_out::raw(std::string_view value) {
    separate();
    text_ += value;
    return *this;
}

void json_out::separate() {
    if (separates_) text_ += ',';
    separates_ = true;
}

// RFC 8259 section 7: only these must be escaped. A line break never stands in a line.
void json_out::append_quoted(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    text_ += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20) {
            const std::array<char, 6> escaped = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
            text_.append(escaped.data(), escaped.size());
        } else {
            if (c == '"' || c == '\\') text_ += '\\';
            text_ += c;
        }
    }
    text_ += '"';
}

}  // namespace cpg
