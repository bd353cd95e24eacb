// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/path_shape.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"

namespace cpg {

namespace {

constexpr std::string_view any_query = "(\\?.*)?";
constexpr std::size_t least_values = 3;
// Program sizes as RE2 2023-03-01 gives them; the tests compare.
constexpr std::size_t program_of_literal = 4;
constexpr std::size_t program_of_query = 12;

struct segment_kind {
    std::string_view expression;
    std::size_t program;
    bool (*holds)(std::string_view);
};

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_number(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_digit);
}

// Digits at `d`, hexadecimal ones at `x`, itself anywhere else.
bool has_form(std::string_view text, std::string_view form) {
    return std::ranges::equal(text, form, [](char c, char wanted) {
        return wanted == 'd' ? is_digit(c) : wanted == 'x' ? is_hex(c) : c == wanted;
    });
}

bool is_uuid(std::string_view text) {
    return has_form(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
}

bool is_date(std::string_view text) {
    return has_form(text, "dddd-dd-dd");
}

// Long enough to be no word.
bool is_hash(std::string_view text) {
    return text.size() >= 16 && std::ranges::all_of(text, is_hex) && std::ranges::any_of(text, is_digit);
}

constexpr auto kinds = std::to_array<segment_kind>({
    {"[0-9]+", 2, is_number},
    {"[0-9A-Fa-f-]+", 5, is_uuid},
    {"[0-9-]+", 3, is_date},
    {"[0-9A-Fa-f]+", 4, is_hash},
});

const segment_kind* kind_of(std::string_view segment) {
    const auto found = std::ranges::find_if(
        kinds, [&](const segment_kind& each) { return each.expression == segment || each.holds(segment); });
    return found == kinds.end() ? nullptr : &*found;
}

// A pattern of cpg's, taken apart.
struct path {
    std::vector<std::string_view> segments;
    bool has_query = false;
};

path path_of(std::string_view pattern) {
    path out;
    if (pattern.starts_with("^")) pattern.remove_prefix(1);
    if (pattern.ends_with("$")) pattern.remove_suffix(1);
    out.has_query = pattern.ends_with(any_query);
    if (out.has_query) pattern.remove_suffix(any_query.size());
    out.segments = split(pattern, '/');
    return out;
}

std::string pattern_of(const std::vector<std::string_view>& segments, bool has_query) {
    std::string out = "^";
    for (std::size_t i = 0; i < segments.size(); ++i)
        out.append(i == 0 ? "" : "/").append(segments[i]);
    return out.append(has_query ? any_query : "").append("$");
}

// Paths that differ in segments of some kind alone.
struct family {
    std::vector<std::string_view> template_of;  ///< with the expressions of the kinds
    std::vector<std::set<std::string_view>> values;
    std::set<std::string> members;
    bool has_query = false;

    void add(const std::string& pattern, const path& member) {
        values.resize(member.segments.size());
        for (std::size_t i = 0; i < member.segments.size(); ++i)
            values[i].insert(member.segments[i]);
        members.insert(pattern);
        has_query |= member.has_query;
    }

    // One that an earlier run has collapsed stays so.
    bool collapses(std::size_t at) const {
        return values[at].size() >= least_values || values[at].contains(template_of[at]);
    }

    std::string written(const path& member) const {
        std::vector<std::string_view> segments = member.segments;
        bool collapsed = false;
        for (std::size_t i = 0; i < segments.size(); ++i)
            if (kind_of(segments[i]) && collapses(i)) {
                segments[i] = template_of[i];
                collapsed = true;
            }
        return pattern_of(segments, collapsed ? has_query : member.has_query);
    }
};

}  // namespace

std::size_t program_size_bound(std::string_view pattern) {
    const path whole = path_of(pattern);
    std::size_t out = program_of_literal + (whole.has_query ? program_of_query : 0);
    bool behind = false;
    for (const std::string_view segment : whole.segments) {
        const auto kind = std::ranges::find(kinds, segment, &segment_kind::expression);
        const bool is_expression = kind != kinds.end();
        // With the slash before it.
        if (behind) out += 1 + (is_expression ? 0 : segment.size());
        if (is_expression) out += kind->program;
        behind |= is_expression;
    }
    return out;
}

std::map<std::string, std::string> collapsed_paths(const std::set<std::string>& patterns) {
    std::map<std::vector<std::string_view>, family> families;
    for (const std::string& pattern : patterns) {
        const path member = path_of(pattern);
        std::vector<std::string_view> shape = member.segments;
        for (std::string_view& segment : shape)
            if (const segment_kind* const kind = kind_of(segment)) segment = kind->expression;
        family& of = families[shape];
        of.template_of = shape;
        of.add(pattern, member);
    }
    std::map<std::string, std::string> out;
    for (const auto& [shape, each] : families)
        for (const std::string& pattern : each.members) {
            std::string written = each.written(path_of(pattern));
            out[pattern] = program_size_bound(written) <= most_program_size ? std::move(written) : pattern;
        }
    return out;
}

}  // namespace cpg
