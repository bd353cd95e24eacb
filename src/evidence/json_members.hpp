// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Members of JSON that is read as evidence: what is there must be of its kind, what is missing is empty. All throw
// evidence_error that names the member. Pure.

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flow/labels.hpp"

namespace cpg::members {

[[noreturn]] void damaged(std::string_view member, std::string_view problem);

/// Null for a member that is missing or null.
const boost::json::value* find(const boost::json::object& in, std::string_view name);
const boost::json::object& object_of(const boost::json::value& value, std::string_view name);
/// Of a member that must be there.
const boost::json::object& object_of(const boost::json::object& in, std::string_view name);
std::string text_of(const boost::json::value& value, std::string_view name);
std::string text_of(const boost::json::object& in, std::string_view name);
std::uint64_t count_of(const boost::json::object& in, std::string_view name);
/// Nanoseconds since the epoch; 0 where it is missing.
std::int64_t time_of(const boost::json::object& in, std::string_view name);
std::vector<std::string> texts_of(const boost::json::object& in, std::string_view name);
/// `labels`, sorted.
selector labels_of(const boost::json::object& in);

template <class ReadOne>
void read_list(const boost::json::object& in, std::string_view name, ReadOne read_one) {
    const boost::json::value* const found = find(in, name);
    if (!found) return;
    if (!found->is_array()) damaged(name, "is no list");
    for (const boost::json::value& each : found->get_array())
        read_one(each);
}

}  // namespace cpg::members
