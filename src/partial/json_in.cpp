// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "partial/json_in.hpp"

#include <boost/json/parse.hpp>

namespace cpg {

namespace json = boost::json;

namespace {

[[noreturn]] void refuse(std::string_view what, std::string_view is) {
    throw part_error(std::string(what) + " is " + std::string(is));
}

}  // namespace

// Text of flows need not be UTF-8, and stays as it is.
json::value parse_part_json(std::string_view text, const json::storage_ptr& memory) {
    json::parse_options options;
    options.allow_invalid_utf8 = true;
    options.max_depth = 16;
    json::error_code failed;
    json::value out = json::parse(text, failed, memory, options);
    if (failed) throw part_error("it is no JSON: " + failed.message());
    return out;
}

const json::object& object_in(const json::value& value, std::string_view what) {
    if (!value.is_object()) refuse(what, "no object");
    return value.get_object();
}

const json::array& list_in(const json::value& value, std::string_view what) {
    if (!value.is_array()) refuse(what, "no list");
    return value.get_array();
}

const json::array& list_in(const json::value& value, std::string_view what, std::size_t size) {
    const json::array& out = list_in(value, what);
    if (out.size() != size) refuse(what, "no list of " + std::to_string(size));
    return out;
}

std::string_view text_in(const json::value& value, std::string_view what) {
    if (!value.is_string()) refuse(what, "no text");
    return value.get_string();
}

bool flag_in(const json::value& value, std::string_view what) {
    if (!value.is_bool()) refuse(what, "neither true nor false");
    return value.get_bool();
}

std::uint64_t unsigned_in(const json::value& value, std::string_view what, std::uint64_t most) {
    std::uint64_t out = 0;
    if (value.is_uint64())
        out = value.get_uint64();
    else if (value.is_int64() && value.get_int64() >= 0)
        out = static_cast<std::uint64_t>(value.get_int64());
    else
        refuse(what, "no whole number from 0");
    if (out > most) refuse(what, "more than " + std::to_string(most));
    return out;
}

std::int64_t signed_in(const json::value& value, std::string_view what) {
    if (!value.is_int64()) refuse(what, "no whole number of 64 bits");
    return value.get_int64();
}

std::vector<std::string> texts_in(const json::value& value, std::string_view what) {
    std::vector<std::string> out;
    for (const json::value& each : list_in(value, what))
        out.emplace_back(text_in(each, what));
    return out;
}

std::vector<std::pair<std::string, std::string>> pairs_in(const json::value& value, std::string_view what) {
    std::vector<std::pair<std::string, std::string>> out;
    for (const json::value& each : list_in(value, what)) {
        const json::array& pair = list_in(each, what, 2);
        out.emplace_back(text_in(pair[0], what), text_in(pair[1], what));
    }
    return out;
}

const json::value* member_of(const json::object& of, std::string_view name) {
    const json::value* const found = of.if_contains(name);
    return found && !found->is_null() ? found : nullptr;
}

const json::value& needed_of(const json::object& of, std::string_view name) {
    if (const json::value* const found = member_of(of, name)) return *found;
    throw part_error("\"" + std::string(name) + "\" is missing");
}

}  // namespace cpg
