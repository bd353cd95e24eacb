// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "partial/line_reader.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace cpg {

namespace {

constexpr std::size_t step = 1U << 20U;
constexpr int forever = -1;

}  // namespace

std::optional<std::string_view> line_reader::next() {
    for (;;) {
        const std::size_t end = text_.find('\n', searched_);
        if (end != std::string::npos) {
            const std::string_view out = std::string_view(text_).substr(start_, end - start_);
            start_ = searched_ = end + 1;
            ++number_;
            if (out.size() > most_bytes_) check_length();
            return out;
        }
        searched_ = text_.size();
        check_length();
        if (!more()) return std::nullopt;
    }
}

void line_reader::check_length() const {
    if (text_.size() - start_ > most_bytes_)
        throw fatal_error("cannot read part " + printable(name()) + ": line " + std::to_string(number_ + 1) +
                          " is longer than " + std::to_string(most_bytes_) + " bytes");
}

// What was given out is let go.
bool line_reader::more() {
    text_.erase(0, start_);
    searched_ -= start_;
    start_ = 0;
    const std::size_t before = text_.size();
    try {
        while (text_.size() == before && !at_end_)
            at_end_ = !fill();
    } catch (const inflate_error& error) {
        throw fatal_error("cannot read part " + printable(name()) + ": " + error.what() +
                          "; it was cut off or damaged: make it again");
    }
    return text_.size() > before;
}

// False when nothing is left of the input.
bool line_reader::fill() {
    if (input_.may_block() && input_.pending().empty()) input_.wait(forever);
    while (input_.pending().size() < inflater::magic_bytes && !inflater_ && input_.more()) {
    }
    const bool has_more = !input_.pending().empty() || input_.more();
    if (!inflater_) inflater_ = make_inflater(input_.pending());
    if (!has_more) {
        drain(*inflater_, text_, step);
        input_.check_not_cut();
        return false;
    }
    const std::size_t used = inflater_->feed(input_.pending(), text_, step);
    input_.consume(used);
    return true;
}

}  // namespace cpg
