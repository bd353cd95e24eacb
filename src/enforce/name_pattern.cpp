// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/name_pattern.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cpg {

namespace {

constexpr std::size_t longest_name = 255;

bool is_of_label(char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_';
}

std::string without_dot(std::string_view text) {
    return lower(text.ends_with('.') ? text.substr(0, text.size() - 1) : text);
}

// A star takes any characters of a label, also none. Greedy with one place to come back to: the last star seen.
bool matches_stars(std::string_view pattern, std::string_view name) {
    std::size_t p = 0;
    std::size_t n = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = n;
        } else if (p < pattern.size() && pattern[p] == name[n]) {
            ++p;
            ++n;
        } else if (star != std::string_view::npos && is_of_label(name[resume])) {
            p = star + 1;
            n = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

// Whole labels up to some dot, then the rest.
bool matches_below(std::string_view rest, std::string_view name) {
    for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1))
        if (matches_stars(rest, name.substr(dot + 1))) return true;
    return false;
}

bool is_name(std::string_view name) {
    return !name.empty() && name.front() != '.' && name.find("..") == std::string_view::npos &&
           std::ranges::all_of(name, [](char c) { return is_of_label(c) || c == '.'; });
}

}  // namespace

name_pattern name_pattern::exactly(std::string_view name) {
    name_pattern out;
    out.text_ = name;
    out.pattern_ = without_dot(name);
    out.exact_ = true;
    return out;
}

name_pattern name_pattern::of(std::string_view pattern) {
    name_pattern out;
    out.text_ = pattern;
    out.pattern_ = without_dot(pattern);
    const std::size_t stars = std::min(out.pattern_.find_first_not_of('*'), out.pattern_.size());
    out.every_ = stars > 0 && stars == out.pattern_.size();
    if (stars >= 2 && !out.every_ && out.pattern_[stars] == '.') {
        out.below_ = true;
        out.pattern_.erase(0, stars + 1);
    }
    return out;
}

bool name_pattern::matches(std::string_view name) const {
    if (!is_name(name)) return false;
    if (every_) return true;
    if (exact_) return name == pattern_;
    return below_ ? matches_below(pattern_, name) : matches_stars(pattern_, name);
}

bool is_name_to_match(std::string_view text, bool stars) {
    if (text.empty() || text.size() > longest_name || text.front() == '.') return false;
    return text.find("..") == std::string_view::npos &&
           std::ranges::all_of(text, [&](char c) { return is_of_label(c) || c == '.' || (stars && c == '*'); });
}

}  // namespace cpg
