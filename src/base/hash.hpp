// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Hashes of several values, for tables in memory: but for the lasting one they differ between builds and are never
// written. Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

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

/// The same in every build and on every machine, so that parts of a capture may carry it: to change it is to change
/// the schema of parts.
constexpr std::uint64_t lasting_hash(std::string_view text) {
    constexpr std::size_t word_bytes = 8;
    std::uint64_t hash = mixed(0x2545F4914F6CDD1Dull, text.size());
    while (!text.empty()) {
        std::uint64_t word = 0;
        const std::string_view bytes = text.substr(0, word_bytes);
        for (std::size_t i = 0; i < bytes.size(); ++i)
            word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
        hash = mixed(hash, word);
        text.remove_prefix(bytes.size());
    }
    return hash;
}

}  // namespace cpg
