// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Hashes of several values, for tables in memory: they differ between builds and are never written. Pure; any thread.

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

}  // namespace cpg
