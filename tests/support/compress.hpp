// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// gzip, zstd, xz and bzip2 as other programs write them. Pure; any thread.

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace cpg::test {

inline std::string gzipped(std::string text) {
    z_stream stream{};
    // 15 bits of window, and 16 for a gzip header.
    if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("zlib");
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(text.data());
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (status != Z_STREAM_END) throw std::runtime_error("zlib");
    return out;
}

inline std::string zstd_compressed(const std::string& text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
}

inline std::string xz_compressed(const std::string& text) {
    std::string out(lzma_stream_buffer_bound(text.size()), '\0');
    std::size_t length = 0;
    const auto bytes = [](auto* of) { return reinterpret_cast<const std::uint8_t*>(of); };
    if (lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr, bytes(text.data()), text.size(),
                                reinterpret_cast<std::uint8_t*>(out.data()), &length, out.size()) != LZMA_OK)
        throw std::runtime_error("lzma");
    out.resize(length);
    return out;
}

inline std::string bzip2_compressed(std::string text) {
    std::string out(text.size() + text.size() / 100 + 600, '\0');
    auto length = static_cast<unsigned>(out.size());
    if (BZ2_bzBuffToBuffCompress(out.data(), &length, text.data(), static_cast<unsigned>(text.size()), 9, 0, 0) !=
        BZ_OK)
        throw std::runtime_error("bzip2");
    out.resize(length);
    return out;
}

}  // namespace cpg::test
