// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Cuts a stream of bytes into pieces of whole lines. A line that is too long is left out and reported; reading goes on
// with the next. One thread at a time.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/json_decoder.hpp"

namespace cpg {

/// Whole lines, and where they stand in the input.
struct line_piece {
    std::string bytes;
    std::uint64_t first_line = 1;         ///< counted from 1
    std::vector<std::uint64_t> too_long;  ///< numbers of the lines that were left out just before
};

class line_cutter {
  public:
    static constexpr std::size_t most_line_bytes = json_decoder::most_line_bytes;

    /// Bytes are appended here.
    std::string& buffer() { return buffer_; }
    /// Whole lines that the buffer has by now, or nothing.
    std::optional<line_piece> cut_lines();
    /// The last line, which has no line break.
    std::optional<line_piece> cut_rest();

  private:
    std::optional<line_piece> cut(std::size_t length);
    std::size_t end_of_lines();
    void drop_overlong();

    std::string buffer_;
    std::size_t searched_ = 0;  ///< this much of the buffer has no line break
    std::uint64_t next_line_ = 1;
    bool dropping_ = false;  ///< inside a line that is too long
    std::vector<std::uint64_t> too_long_;
};

}  // namespace cpg
