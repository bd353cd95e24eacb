// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Reads the JSON of a part, which somebody may have made up: every fault is a part_error that says what is wrong, and
// nothing is taken for something else. Any thread.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <concepts>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cpg {

/// A line of a part that is none. A clause that says why: "the rule's port is no port".
class part_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// All of the value lies in `memory`.
boost::json::value parse_part_json(std::string_view text, const boost::json::storage_ptr& memory);

// `what` names the value in the error.
const boost::json::object& object_in(const boost::json::value& value, std::string_view what);
const boost::json::array& list_in(const boost::json::value& value, std::string_view what);
/// A list of just so many.
const boost::json::array& list_in(const boost::json::value& value, std::string_view what, std::size_t size);
std::string_view text_in(const boost::json::value& value, std::string_view what);
bool flag_in(const boost::json::value& value, std::string_view what);
std::uint64_t unsigned_in(const boost::json::value& value, std::string_view what, std::uint64_t most);
std::int64_t signed_in(const boost::json::value& value, std::string_view what);
std::vector<std::string> texts_in(const boost::json::value& value, std::string_view what);
std::vector<std::pair<std::string, std::string>> pairs_in(const boost::json::value& value, std::string_view what);

template <std::unsigned_integral Number>
Number number_in(const boost::json::value& value, std::string_view what) {
    return static_cast<Number>(unsigned_in(value, what, std::numeric_limits<Number>::max()));
}

/// The member, or null.
const boost::json::value* member_of(const boost::json::object& of, std::string_view name);
/// Throws part_error where it is missing.
const boost::json::value& needed_of(const boost::json::object& of, std::string_view name);

}  // namespace cpg
