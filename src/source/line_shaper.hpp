// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Between a text and the line cutter: makes lines of JSON that is written in another way (pretty-printed, arrays,
// values without a line break between them) and of what a container runtime cut in parts. A text of lines, which its
// first line tells, goes straight through. Memory is bounded: what is not yet told is at most a line, and a value is
// passed on as it comes. One thread at a time.

#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>

#include "source/container_log.hpp"
#include "source/line_cutter.hpp"

namespace cpg {

class line_shaper {
  public:
    /// The cutter must outlive the shaper.
    explicit line_shaper(line_cutter& lines) : lines_(lines) {}

    /// The text is appended here.
    std::string& input() { return shape_ == shape::lines ? lines_.buffer() : input_; }
    /// What was appended goes on to the cutter, as far as that can be told.
    void pass_on();
    /// The text has ended.
    void finish();

  private:
    enum class shape : unsigned char { untold, lines, values, container };
    // Deeper than any JSON reader goes.
    static constexpr std::size_t most_depth = 512;

    void tell(bool ended);
    void take_lines();
    void take(char c);
    void take_outside(char c);
    void take_inside(char c);
    void take_in_string(char c);
    void begin_value();
    void give_value_up();
    void open(bool is_object);
    void close();
    bool is_cut_off(char c) const;

    line_cutter& lines_;
    std::string input_;
    shape shape_ = shape::untold;
    container_log container_;

    // Of values.
    std::size_t depth_ = 0;  ///< within a value; arrays around it do not count
    std::bitset<most_depth> is_object_;
    bool in_string_ = false;
    bool escaped_ = false;
    bool in_junk_ = false;     ///< text that is no value, up to the end of its line
    bool owes_break_ = false;  ///< the line of the last value has not ended
    std::size_t breaks_ = 0;   ///< line breaks within the value: they follow it, so that line numbers stay right
    char last_ = '\n';         ///< the last character that is no blank
    bool at_line_start_ = false;
    bool has_indent_ = false;  ///< of the value
};

}  // namespace cpg
