// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Texts that are kept together and never change: one piece of memory for all of them, where a vector of strings has one
// for each. A value.

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace cpg {

class text_list {
  public:
    class iterator {
      public:
        using value_type = std::string_view;
        using reference = std::string_view;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;

        iterator() = default;
        iterator(const text_list& of, std::size_t at) : of_(&of), at_(at) {}
        std::string_view operator*() const { return (*of_)[at_]; }
        iterator& operator++() { return ++at_, *this; }
        iterator operator++(int) { return {*of_, at_++}; }
        bool operator==(const iterator& other) const { return at_ == other.at_; }

      private:
        const text_list* of_ = nullptr;
        std::size_t at_ = 0;
    };

    text_list() = default;
    /// Of texts of at most 4 GiB together.
    explicit text_list(const auto& texts) {
        std::size_t bytes = 0;
        for (const std::string_view each : texts)
            bytes += each.size();
        bytes_.reserve(bytes);
        ends_.reserve(texts.size());
        for (const std::string_view each : texts) {
            bytes_ += each;
            ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
        }
    }

    iterator begin() const { return {*this, 0}; }
    iterator end() const { return {*this, ends_.size()}; }
    std::size_t size() const { return ends_.size(); }
    bool empty() const { return ends_.empty(); }
    std::string_view operator[](std::size_t at) const {
        const std::size_t from = at == 0 ? 0 : ends_[at - 1];
        return std::string_view(bytes_).substr(from, ends_[at] - from);
    }

  private:
    std::string bytes_;
    std::vector<std::uint32_t> ends_;
};

}  // namespace cpg
