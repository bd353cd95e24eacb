// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/line_cutter.hpp"

#include <algorithm>
#include <utility>

namespace cpg {

namespace {

constexpr std::size_t most_reserved = 2U << 20U;

// Lines of a capture are long: memchr crosses them several times as fast as a loop that counts.
std::uint64_t count_breaks(std::string_view text) {
    std::uint64_t out = 0;
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
        ++out;
    return out;
}

}  // namespace

std::optional<line_piece> line_cutter::cut_lines() {
    drop_overlong();
    const std::size_t ended = end_of_lines();
    return ended == 0 && too_long_.empty() ? std::nullopt : cut(ended);
}

std::optional<line_piece> line_cutter::cut_rest() {
    drop_overlong();
    if (buffer_.empty() && too_long_.empty()) return std::nullopt;
    return cut(buffer_.size());
}

std::optional<line_piece> line_cutter::cut(std::size_t length) {
    line_piece piece{.bytes = {}, .first_line = next_line_, .too_long = std::exchange(too_long_, {})};
    std::string rest;
    // The next piece is likely to get as large: it grows without being copied.
    rest.reserve(std::min(buffer_.capacity(), most_reserved));
    rest.append(buffer_, length);
    buffer_.resize(length);
    piece.bytes = std::exchange(buffer_, std::move(rest));
    searched_ = 0;
    next_line_ += count_breaks(piece.bytes);
    return piece;
}

// A long line comes from a pipe in thousands of pieces: what had no break is not searched again with each of them.
std::size_t line_cutter::end_of_lines() {
    searched_ = std::min(searched_, buffer_.size());
    const std::size_t last_break = std::string_view(buffer_).substr(searched_).rfind('\n');
    if (last_break != std::string_view::npos) return searched_ + last_break + 1;
    searched_ = buffer_.size();
    return 0;
}

// Only a line that has not ended can be longer than what is read at a time.
void line_cutter::drop_overlong() {
    if (dropping_) {
        const std::size_t end = buffer_.find('\n');
        buffer_.erase(0, end == std::string::npos ? buffer_.size() : end + 1);
        searched_ = 0;
        if (end == std::string::npos) return;
        dropping_ = false;
        ++next_line_;
    }
    const std::size_t open_line = end_of_lines();
    if (buffer_.size() - open_line <= most_line_bytes) return;
    too_long_.push_back(next_line_ + count_breaks(buffer_));
    buffer_.resize(open_line);
    dropping_ = true;
}

}  // namespace cpg
