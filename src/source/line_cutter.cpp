// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/line_cutter.hpp"

#include <algorithm>
#include <utility>

namespace cpg {

std::optional<line_piece> line_cutter::cut_lines() {
    drop_overlong();
    const std::size_t last_break = buffer_.rfind('\n');
    if (last_break != std::string::npos) return cut(last_break + 1);
    return too_long_.empty() ? std::nullopt : cut(0);
}

std::optional<line_piece> line_cutter::cut_rest() {
    drop_overlong();
    if (buffer_.empty() && too_long_.empty()) return std::nullopt;
    return cut(buffer_.size());
}

std::optional<line_piece> line_cutter::cut(std::size_t length) {
    line_piece piece{.bytes = {}, .first_line = next_line_, .too_long = std::exchange(too_long_, {})};
    std::string rest = buffer_.substr(length);
    buffer_.resize(length);
    piece.bytes = std::exchange(buffer_, std::move(rest));
    next_line_ += static_cast<std::uint64_t>(std::ranges::count(piece.bytes, '\n'));
    return piece;
}

// Only a line that has not ended can be longer than what is read at a time.
void line_cutter::drop_overlong() {
    if (dropping_) {
        const std::size_t end = buffer_.find('\n');
        buffer_.erase(0, end == std::string::npos ? buffer_.size() : end + 1);
        if (end == std::string::npos) return;
        dropping_ = false;
        ++next_line_;
    }
    const std::size_t last_break = buffer_.rfind('\n');
    const std::size_t open_line = last_break == std::string::npos ? 0 : last_break + 1;
    if (buffer_.size() - open_line <= most_line_bytes) return;
    const auto breaks = static_cast<std::uint64_t>(std::ranges::count(buffer_, '\n'));
    too_long_.push_back(next_line_ + breaks);
    buffer_.resize(open_line);
    dropping_ = true;
}

}  // namespace cpg
