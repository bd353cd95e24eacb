// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What every target needs: a check that makes an input a finding, and ways to cut an input. Pure; one thread.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace cpg::fuzz {

/// An input that breaks a promise is a finding as a crash is. `details` is shown with it.
inline void require(bool holds, std::string_view promise, std::string_view details = {}) {
    if (holds) return;
    std::fprintf(stderr, "broken: %.*s\n%.*s\n", static_cast<int>(promise.size()), promise.data(),
                 static_cast<int>(details.size()), details.data());
    std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Nothing that could steer a terminal; a line break ends a line.
inline bool is_calm(std::string_view text) {
    for (const char c : text)
        if (const auto byte = static_cast<unsigned char>(c); (byte < 0x20 && c != '\n') || byte == 0x7f) return false;
    return true;
}

/// Takes the first byte from the input; 0 where there is none.
inline std::uint8_t take_byte(std::string_view& input) {
    if (input.empty()) return 0;
    const auto out = static_cast<std::uint8_t>(input.front());
    input.remove_prefix(1);
    return out;
}

/// The whole, or parts of `step` bytes, as a network may deliver it.
inline std::vector<std::string_view> cut(std::string_view bytes, std::size_t step) {
    std::vector<std::string_view> out;
    for (std::size_t at = 0; at < bytes.size(); at += step)
        out.push_back(bytes.substr(at, step));
    return out;
}

}  // namespace cpg::fuzz
