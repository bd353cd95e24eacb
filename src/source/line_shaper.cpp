// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/line_shaper.hpp"

#include <algorithm>
#include <utility>

namespace cpg {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
// Far more than a flow takes: what has no line break until then is no text of lines, or has a line that is too long.
constexpr std::size_t most_untold = 1U << 20U;

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view without_blanks(std::string_view text) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    while (!text.empty() && is_blank(text[0]))
        text.remove_prefix(1);
    return text;
}

// `kubectl logs --prefix` writes `[pod/…]` before each line.
bool begins_array(std::string_view text) {
    const std::string_view rest = without_blanks(text.substr(1));
    return rest.empty() || rest[0] == '{' || rest[0] == '[' || rest[0] == ']';
}

// True when a line ends inside a value: in a string it was cut off.
bool goes_on(std::string_view line) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        if (in_string) {
            if (c == '\\') ++at;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return false;
        }
    }
    return depth > 0 && !in_string;
}

}  // namespace

void line_shaper::pass_on() {
    if (shape_ == shape::untold) tell(false);
    if (shape_ == shape::container) take_lines();
    if (shape_ != shape::values) return;
    for (const char c : input_)
        take(c);
    input_.clear();
}

void line_shaper::finish() {
    if (shape_ == shape::untold) tell(true);
    pass_on();
    if (shape_ == shape::values && depth_ > 0) give_value_up();
    if (shape_ != shape::container) return;
    if (!input_.empty()) container_.add(std::exchange(input_, {}), lines_.buffer());
    container_.finish(lines_.buffer());
}

// The first line that is not blank tells. Where it has no end, values are made of it if it begins with one: that reads
// lines too, only slower.
void line_shaper::tell(bool ended) {
    const std::string_view text = without_blanks(input_);
    const std::size_t end = text.find('\n');
    if (text.empty() && !ended) return;
    if (end == std::string_view::npos && !ended && input_.size() < most_untold) return;
    const std::string_view line = text.substr(0, end);
    const bool is_open = end == std::string_view::npos ? !ended : goes_on(line);
    const bool is_values = !line.empty() && ((line[0] == '[' && begins_array(line)) || (line[0] == '{' && is_open));
    shape_ = is_values ? shape::values : shape::lines;
    if (!is_values && container_log::begins_with(line)) shape_ = shape::container;
    if (shape_ == shape::lines)
        lines_.buffer() += std::exchange(input_, {});
    else if (input_.starts_with(byte_order_mark))
        input_.erase(0, byte_order_mark.size());
}

// A line that is too long is left to the cutter.
void line_shaper::take_lines() {
    std::string_view rest = input_;
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        container_.add(rest.substr(0, end), lines_.buffer());
        rest.remove_prefix(end + 1);
    }
    input_.erase(0, input_.size() - rest.size());
    if (input_.size() > line_cutter::most_line_bytes) lines_.buffer() += std::exchange(input_, {});
}

void line_shaper::take(char c) {
    if (in_junk_) {
        lines_.buffer() += c;
        in_junk_ = c != '\n';
    } else if (depth_ == 0) {
        take_outside(c);
    } else if (in_string_) {
        take_in_string(c);
    } else {
        take_inside(c);
    }
}

// Arrays around values are left out, and so is what separates the values.
void line_shaper::take_outside(char c) {
    if (c == '\n') {
        lines_.buffer().append(std::exchange(breaks_, 0) + 1, '\n');
        owes_break_ = false;
    } else if (c == '{') {
        begin_value();
    } else if (!is_blank(c) && c != ',' && c != '[' && c != ']') {
        if (std::exchange(owes_break_, false)) lines_.buffer() += '\n';
        lines_.buffer() += c;
        in_junk_ = true;
    }
}

void line_shaper::take_in_string(char c) {
    // No string of JSON has a line break: the value was cut off.
    if (c == '\n') {
        ++breaks_;
        return give_value_up();
    }
    lines_.buffer() += c;
    if (escaped_)
        escaped_ = false;
    else if (c == '\\')
        escaped_ = true;
    else if (c == '"')
        in_string_ = false;
}

void line_shaper::take_inside(char c) {
    if (is_cut_off(c)) {
        give_value_up();
        return begin_value();
    }
    has_indent_ |= at_line_start_ && (c == ' ' || c == '\t');
    at_line_start_ = c == '\n';
    if (c == '\n') {
        ++breaks_;
        lines_.buffer() += ' ';
        return;
    }
    lines_.buffer() += c;
    if (!is_blank(c)) last_ = c;
    if (c == '"') in_string_ = true;
    if (c == '{' || c == '[') open(c == '{');
    if (c == '}' || c == ']') close();
}

// A value that begins a line where none may stand, or that does so in a text that indents: the one before it was cut.
bool line_shaper::is_cut_off(char c) const {
    if (c != '{' || !at_line_start_) return false;
    return has_indent_ || (is_object_[depth_ - 1] && last_ != ':');
}

void line_shaper::begin_value() {
    if (std::exchange(owes_break_, false)) lines_.buffer() += '\n';
    has_indent_ = at_line_start_ = false;
    lines_.buffer() += '{';
    last_ = '{';
    open(true);
}

void line_shaper::open(bool is_object) {
    if (depth_ == most_depth) {
        give_value_up();
        in_junk_ = true;
        return;
    }
    is_object_[depth_++] = is_object;
}

void line_shaper::close() {
    if (--depth_ == 0) owes_break_ = true;
}

// It goes on as a line of its own, which can't be read, and is counted as such.
void line_shaper::give_value_up() {
    lines_.buffer().append(std::max<std::size_t>(std::exchange(breaks_, 0), 1), '\n');
    depth_ = 0;
    in_string_ = escaped_ = owes_break_ = false;
}

}  // namespace cpg
