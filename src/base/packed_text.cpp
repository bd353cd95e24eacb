// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/packed_text.hpp"

#include <zstd.h>

#include <stdexcept>

namespace cpg {

namespace {

std::size_t checked(std::size_t result) {
    if (ZSTD_isError(result)) throw std::runtime_error(std::string("zstd: ") + ZSTD_getErrorName(result));
    return result;
}

}  // namespace

packed_text::packed_text(std::string_view text) : size_(text.size()) {
    constexpr int fast = 1;
    std::string room(ZSTD_compressBound(text.size()), '\0');
    const std::size_t used = checked(ZSTD_compress(room.data(), room.size(), text.data(), text.size(), fast));
    bytes_ = std::string(room.data(), used);
}

std::string packed_text::text() const {
    std::string out(size_, '\0');
    checked(ZSTD_decompress(out.data(), out.size(), bytes_.data(), bytes_.size()));
    return out;
}

}  // namespace cpg
