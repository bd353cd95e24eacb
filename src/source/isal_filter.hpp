// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// ISA-L's inflate as a symmetric filter of Boost.Iostreams: one gzip member, several times as fast as zlib. Only where
// the library is there. One thread at a time.

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <boost/iostreams/filter/symmetric.hpp>
#include <cstdint>
#include <stdexcept>

namespace cpg {

class isal_member {
  public:
    using char_type = char;

    isal_member() { close(); }

    bool filter(const char*& in, const char* in_end, char*& out, char* out_end, bool at_end) {
        state_.next_in = const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(in));
        state_.avail_in = static_cast<std::uint32_t>(in_end - in);
        state_.next_out = reinterpret_cast<std::uint8_t*>(out);
        state_.avail_out = static_cast<std::uint32_t>(out_end - out);
        const char* const out_before = out;
        const int status = isal_inflate(&state_);
        in = in_end - state_.avail_in;
        out = out_end - state_.avail_out;
        if (status < 0) throw std::runtime_error("inflate");
        if (state_.block_state == ISAL_BLOCK_FINISH) return false;
        if (at_end && out == out_before) throw early_end();
        return true;
    }

    /// Makes ready for the next member.
    void close() {
        isal_inflate_init(&state_);
        state_.crc_flag = ISAL_GZIP;
    }

    struct early_end : std::runtime_error {
        early_end() : std::runtime_error("ends too early") {}
    };

  private:
    inflate_state state_{};
};

using isal_decompressor = boost::iostreams::symmetric_filter<isal_member>;

}  // namespace cpg
