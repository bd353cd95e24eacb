// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/object_memo.hpp"

#include <algorithm>
#include <functional>

namespace cpg {

namespace {

// `{"ID":1234,"identity":56789,"cluster_name":"…`: shorter objects are as soon read as compared.
constexpr std::size_t beginning = 48;
// Where objects that begin alike differ: pods' names stand near the end.
constexpr std::size_t ending = 96;

bool is_at_the_beginning(const std::string& of, std::string_view text) {
    if (of.size() > text.size()) return false;
    const std::size_t tail = of.size() - std::min(ending, of.size());
    return text.substr(tail, of.size() - tail) == std::string_view(of).substr(tail) && text.starts_with(of);
}

// Of an object without errors.
std::string_view object_of(std::string_view text) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (in_string && c == '\\')
            ++at;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '}') && (c == '{' ? ++depth : --depth) == 0)
            return text.substr(0, at + 1);
    }
    return {};
}

}  // namespace

std::size_t object_memo::place_of(std::string_view text) {
    return std::hash<std::string_view>{}(text.substr(0, beginning)) % places;
}

std::size_t object_memo::recall(std::string_view text, endpoint& out) const {
    if (text.size() < beginning) return 0;
    for (const kept_endpoint& each : places_[place_of(text)]) {
        if (!is_at_the_beginning(each.bytes(), text)) continue;
        each.give(text, out);
        return each.bytes().size();
    }
    return 0;
}

void object_memo::remember(std::string_view text, const endpoint& read) {
    if (text.size() < beginning) return;
    bucket& place = places_[place_of(text)];
    const bool is_full = place.size() == most_in_a_place;
    if (is_full && ++newcomers_ % newcomers_a_take_over != 0) return;
    const std::string_view bytes = object_of(text.substr(0, kept_endpoint::most_bytes));
    if (bytes.size() < beginning || !kept_endpoint::can_keep(bytes, read)) return;
    kept_endpoint& entry = is_full ? place[newcomers_ / newcomers_a_take_over % most_in_a_place] : place.emplace_back();
    entry.keep(bytes, read);
}

}  // namespace cpg
