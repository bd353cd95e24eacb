// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "evidence/json_members.hpp"

#include <algorithm>
#include <optional>

#include "base/timestamp.hpp"
#include "evidence/file.hpp"

namespace cpg::members {

namespace json = boost::json;

void damaged(std::string_view member, std::string_view problem) {
    throw evidence_error("it is damaged: " + std::string(member) + " " + std::string(problem));
}

const json::value* find(const json::object& in, std::string_view name) {
    const json::value* const found = in.if_contains(name);
    return found && !found->is_null() ? found : nullptr;
}

const json::object& object_of(const json::value& value, std::string_view name) {
    if (!value.is_object()) damaged(name, "is no object");
    return value.get_object();
}

const json::object& object_of(const json::object& in, std::string_view name) {
    const json::value* const found = find(in, name);
    if (!found) damaged(name, "is missing");
    return object_of(*found, name);
}

std::string text_of(const json::value& value, std::string_view name) {
    if (!value.is_string()) damaged(name, "is no string");
    return std::string(value.get_string());
}

std::string text_of(const json::object& in, std::string_view name) {
    const json::value* const found = find(in, name);
    return found ? text_of(*found, name) : std::string();
}

std::uint64_t count_of(const json::object& in, std::string_view name) {
    const json::value* const found = find(in, name);
    if (!found) return 0;
    if (found->is_uint64()) return found->get_uint64();
    if (!found->is_int64() || found->get_int64() < 0) damaged(name, "is no count");
    return static_cast<std::uint64_t>(found->get_int64());
}

std::int64_t time_of(const json::object& in, std::string_view name) {
    const std::string text = text_of(in, name);
    if (text.empty()) return 0;
    const std::optional<std::int64_t> time = parse_timestamp(text);
    if (!time) damaged(name, "is no time");
    return *time;
}

std::vector<std::string> texts_of(const json::object& in, std::string_view name) {
    std::vector<std::string> out;
    read_list(in, name, [&](const json::value& each) { out.push_back(text_of(each, name)); });
    return out;
}

selector labels_of(const json::object& in) {
    selector out;
    for (const auto& [key, value] : object_of(in, "labels"))
        out.emplace_back(key, text_of(value, "labels"));
    std::ranges::sort(out);
    return out;
}

}  // namespace cpg::members
