// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The lines of a file that may be compressed, one after the other; a line is bounded. Blocking; one thread at a time.
// Every error is a fatal_error that names the file.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "source/byte_reader.hpp"
#include "source/inflate.hpp"

namespace cpg {

class line_reader {
  public:
    /// `path`, or `-` for standard input. `most_bytes` of a line.
    line_reader(const std::string& path, std::size_t most_bytes) : input_(path), most_bytes_(most_bytes) {}

    /// Without its line break, and good until the next call; nothing at the end. A last line without a line break is
    /// none: it was cut off.
    std::optional<std::string_view> next();

    const std::string& name() const { return input_.name(); }
    /// Of the line that next() gave, counted from 1.
    std::uint64_t number() const { return number_; }
    /// True at the end of an input whose last line has no line break.
    bool was_cut() const { return at_end_ && start_ < text_.size(); }

  private:
    bool more();
    bool fill();
    void check_length() const;

    byte_reader input_;
    const std::size_t most_bytes_;
    std::unique_ptr<inflater> inflater_;
    std::string text_;
    std::size_t start_ = 0;     ///< of the next line
    std::size_t searched_ = 0;  ///< up to here there is no line break
    std::uint64_t number_ = 0;
    bool at_end_ = false;
};

}  // namespace cpg
