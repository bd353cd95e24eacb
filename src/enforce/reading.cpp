// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/reading.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"

namespace cpg {

namespace {

// As sigs.k8s.io/yaml reads them, in lower case, upper case, or with a capital.
constexpr std::array<std::string_view, 6> booleans = {"true", "false", "yes", "no", "on", "off"};
constexpr std::array<std::string_view, 5> unclear_words = {"y", "n", "=", "<<", "null"};

bool is_integer(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return !text.empty() && std::ranges::all_of(text, is_digit);
}

bool is_decimal(std::string_view text) {
    const std::size_t dot = text.find('.');
    return dot != std::string_view::npos && is_integer(text.substr(0, dot)) &&
           std::ranges::all_of(text.substr(dot + 1), is_digit);
}

// Numbers with exponents, of other bases or with underscores, and times.
bool may_be_number(std::string_view text) {
    constexpr std::string_view first = "0123456789+-.";
    constexpr std::string_view rest = "0123456789abcdefABCDEFxXoO_+-.:tTzZ inIN";
    return first.find(text.front()) != std::string_view::npos &&
           text.find_first_not_of(rest) == std::string_view::npos && std::ranges::count(text, '.') <= 1;
}

bool is_boolean(std::string_view text) {
    const std::string in_lower_case = lower(text);
    if (std::ranges::find(booleans, in_lower_case) == booleans.end()) return false;
    const std::string capital = upper(text.substr(0, 1)) + in_lower_case.substr(1);
    return text == in_lower_case || text == capital || text == upper(text);
}

std::string_view name_of(tree::kind kind) {
    switch (kind) {
        case tree::kind::null: return "null";
        case tree::kind::scalar: return "a scalar";
        case tree::kind::sequence: return "a list";
        case tree::kind::mapping: return "a mapping";
    }
    return {};
}

std::string is_no(std::string_view what, std::string_view wanted, const tree& value) {
    const bool shows = value.is_scalar() && value.scalar.size() <= 80;
    return std::string(what) + " must be " + std::string(wanted) + ", and is " +
           (shows ? json_quote(value.scalar) : std::string(name_of(value.what)));
}

}  // namespace

scalar_kind kind_of_scalar(const tree& value) {
    const std::string& text = value.scalar;
    if (value.quoted) return scalar_kind::text;
    if (is_integer(text)) return scalar_kind::integer;
    if (is_boolean(text)) return scalar_kind::boolean;
    if (text.empty() || text == "~" || text == "null" || is_decimal(text)) return scalar_kind::other;
    if (std::ranges::find(unclear_words, lower(text)) != unclear_words.end() || may_be_number(text))
        return scalar_kind::unclear;
    return scalar_kind::text;
}

std::size_t reading::line_of(const tree& at) const {
    const std::size_t line = places_.of(at).line;
    return line == 0 ? line_ : line + 1;
}

void reading::refuse(const tree& at, std::string why) {
    refusals_.push_back({line_of(at), std::move(why)});
}

void reading::doubt(const tree& at, std::string why) {
    doubts_.push_back({line_of(at), std::move(why)});
}

void reading::remark(const tree& at, std::string why) {
    remarks_.push_back({line_of(at), std::move(why)});
}

void reading::expect_members(const tree& object, std::initializer_list<std::string_view> names) {
    for (const auto& [name, value] : object.members)
        if (std::ranges::find(names, name) == names.end())
            remark(value, "the API server does not know the field " + json_quote(name) + " and leaves it out");
}

const tree* reading::value_in(const tree& object, std::string_view name) {
    return object.find(name);
}

bool reading::is_mapping(const tree& value, std::string_view what) {
    if (!value.is_mapping()) refuse(value, is_no(what, "a mapping", value));
    return value.is_mapping();
}

const tree* reading::mapping_in(const tree& object, std::string_view name) {
    const tree* const value = value_in(object, name);
    return value && is_mapping(*value, name) ? value : nullptr;
}

const std::vector<tree>* reading::list_in(const tree& object, std::string_view name) {
    const tree* const value = value_in(object, name);
    if (!value) return nullptr;
    if (value->is_sequence()) return &value->items;
    refuse(*value, is_no(name, "a list", *value));
    return nullptr;
}

std::optional<std::string> reading::string_of(const tree& value, std::string_view what) {
    const scalar_kind kind = value.is_scalar() ? kind_of_scalar(value) : scalar_kind::other;
    if (kind == scalar_kind::text) return value.scalar;
    if (kind != scalar_kind::unclear) {
        refuse(value, is_no(what, "a string (in quotes)", value));
        return std::nullopt;
    }
    doubt(value, std::string(what) + " is a string to some readers of YAML only: put " + json_quote(value.scalar) +
                     " in quotes");
    return value.scalar;
}

std::optional<std::string> reading::string_in(const tree& object, std::string_view name) {
    const tree* const value = value_in(object, name);
    return value ? string_of(*value, name) : std::nullopt;
}

std::optional<long long> reading::integer_in(const tree& object, std::string_view name) {
    const tree* const value = value_in(object, name);
    if (!value) return std::nullopt;
    long long out = 0;
    const std::string& text = value->scalar;
    const bool plain = value->is_scalar() && kind_of_scalar(*value) == scalar_kind::integer;
    if (plain && std::from_chars(text.data(), text.data() + text.size(), out).ptr == text.data() + text.size())
        return out;
    if (plain && text.starts_with('0'))
        doubt(*value, std::string(name) + " is octal to some readers of YAML");
    else
        refuse(*value, is_no(name, "a whole number", *value));
    return std::nullopt;
}

std::optional<bool> reading::boolean_in(const tree& object, std::string_view name) {
    const tree* const value = value_in(object, name);
    if (!value) return std::nullopt;
    if (!value->is_scalar() || kind_of_scalar(*value) != scalar_kind::boolean) {
        refuse(*value, is_no(name, "true or false", *value));
        return std::nullopt;
    }
    const std::string text = lower(value->scalar);
    return text == "true" || text == "yes" || text == "on";
}

}  // namespace cpg
