// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Hashes of several values, for tables in memory: but for the lasting one they differ between builds and are never
// written. Pure; any thread.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>
#include <type_traits>

namespace cpg {

/// `hash` with one more value in it. All bits depend on all bits, the lowest ones too.
constexpr std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15ull;
    return hash ^ (hash >> 32);
}

inline std::uint64_t hash_of_text(std::string_view text) {
    return std::hash<std::string_view>{}(text);
}

inline std::uint64_t mixed(std::uint64_t hash, std::string_view text) {
    return mixed(hash, hash_of_text(text));
}

/// The first eight bytes of a text, the first lowest; what is missing is zero.
constexpr std::uint64_t first_word(std::string_view text) {
    std::uint64_t word = 0;
    if (std::endian::native == std::endian::little && text.size() >= sizeof word && !std::is_constant_evaluated()) {
        std::memcpy(&word, text.data(), sizeof word);
        return word;
    }
    for (std::size_t i = 0; i < std::min(text.size(), sizeof word); ++i)
        word |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
    return word;
}

/// The same in every build and on every machine, so that parts of a capture may carry it: to change it is to change
/// the schema of parts.
constexpr std::uint64_t lasting_hash(std::string_view text) {
    std::uint64_t hash = mixed(0x2545F4914F6CDD1Dull, text.size());
    for (; !text.empty(); text.remove_prefix(std::min(text.size(), sizeof hash)))
        hash = mixed(hash, first_word(text));
    return hash;
}

}  // namespace cpg
