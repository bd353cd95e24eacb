// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Reads captures of `hubble observe -o jsonpb|json`, of the Hubble exporter and of old CLIs (bare flows): one JSON
// object a line, snake_case or camelCase, enums as names or numbers, integers as numbers or strings, null as absent,
// unknown members and enum names skipped; several values in a line, and what log collectors wrap around it
// (wrapped_line.hpp), are read too. SAX: text goes straight from the line into a flow, nothing is built between.
// A decoder serves one thread at a time.

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/limits.hpp"
#include "decode/decode_cache.hpp"
#include "flow/flow.hpp"

namespace cpg {

/// What is known to read the same is read in a shorter way; `none` is there to be compared with.
enum class shortcuts : std::uint8_t { none, taken };

class json_decoder {
  public:
    /// Hubble's lines have 1 to 4 KiB; many labels and headers make them longer, never this long.
    static constexpr std::size_t most_line_bytes = limits::line_bytes;

    /// The cache must outlive this object.
    explicit json_decoder(decode_cache& cache, shortcuts shortcuts = shortcuts::taken);
    ~json_decoder();
    json_decoder(const json_decoder&) = delete;
    json_decoder& operator=(const json_decoder&) = delete;

    /// Decodes every line of batch.bytes into `batch`; the first of them is line `first_line` of the input. A line
    /// that can't be read is counted in the batch with what is wrong with it; it never ends the batch.
    void decode_lines(flow_batch& batch, std::uint64_t first_line);

  private:
    class implementation;
    std::unique_ptr<implementation> implementation_;
};

}  // namespace cpg
