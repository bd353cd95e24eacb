// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// JSON as text, written from left to right without a tree: the same calls make the same bytes, whole numbers of 64 bits
// stay what they are, and a string keeps each of its bytes, UTF-8 or not. One thread at a time.

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <utility>

namespace cpg {

class json_out {
  public:
    json_out& begin(char bracket);
    json_out& end(char bracket);
    /// Of the member that follows.
    json_out& name(std::string_view name);
    json_out& text(std::string_view text);
    json_out& flag(bool value);
    json_out& nothing();
    /// A value that is JSON already.
    json_out& raw(std::string_view value);
    json_out& number(std::integral auto value) {
        char digits[24];
        separate();
        text_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
        return *this;
    }
    /// A list of texts.
    json_out& texts(const auto& all) {
        begin('[');
        for (const auto& each : all)
            text(each);
        return end(']');
    }
    /// A list of lists of two texts, as of labels.
    json_out& pairs(const auto& all) {
        begin('[');
        for (const auto& [first, second] : all)
            begin('[').text(first).text(second).end(']');
        return end(']');
    }

    const std::string& str() const { return text_; }
    std::string take() { return std::move(text_); }

  private:
    void separate();
    void append_quoted(std::string_view text);

    std::string text_;
    bool separates_ = false;  ///< a value stands before the next one
};

}  // namespace cpg
