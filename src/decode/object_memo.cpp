// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/object_memo.hpp"

#include <algorithm>
#include <cstring>

#include "base/hash.hpp"

namespace cpg {

namespace {

// `{"ID":1234,"identity":56789,"cluster_name":"…`: shorter objects are as soon read as compared.
constexpr std::size_t beginning = 48;
// Where objects that begin alike differ: pods' names stand near the end.
constexpr std::size_t ending = 96;

std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = text.size();
    for (; text.size() >= sizeof hash; text.remove_prefix(sizeof hash)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), sizeof word);
        hash = mixed(hash, word);
    }
    return hash;
}

std::uint64_t hash_of_beginning(std::string_view text) {
    return hash_of(text.substr(0, beginning));
}

std::uint64_t hash_of_ending(std::string_view text) {
    return hash_of(text.substr(text.size() - std::min(ending, text.size())));
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

std::size_t object_memo::recall(std::string_view text, endpoint& out) const {
    if (text.size() < beginning) return 0;
    const std::uint64_t hash = hash_of_beginning(text);
    for (const entry& each : places_[hash % places]) {
        const std::string& bytes = each.kept.bytes();
        if (each.beginning != hash || bytes.size() > text.size()) continue;
        if (each.ending != hash_of_ending(text.substr(0, bytes.size())) || !text.starts_with(bytes)) continue;
        each.kept.give(text, out);
        return bytes.size();
    }
    return 0;
}

void object_memo::remember(std::string_view text, const endpoint& read) {
    if (text.size() < beginning) return;
    const std::uint64_t hash = hash_of_beginning(text);
    bucket& place = places_[hash % places];
    const bool is_full = place.size() == most_in_a_place;
    if (is_full && ++newcomers_ % newcomers_a_take_over != 0) return;
    const std::string_view bytes = object_of(text.substr(0, kept_endpoint::most_bytes));
    if (bytes.size() < beginning || !kept_endpoint::can_keep(bytes, read)) return;
    entry& kept = is_full ? place[newcomers_ / newcomers_a_take_over % most_in_a_place] : place.emplace_back();
    kept.beginning = hash;
    kept.ending = hash_of_ending(bytes);
    kept.kept.keep(bytes, read);
}

}  // namespace cpg
