// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Looking into JSON that came from a server: a missing member or one of another type is "nothing", never an
// error. Pure; any thread.

#include <boost/json/value.hpp>
#include <initializer_list>
#include <string>
#include <string_view>

namespace cpg::k8s {

/// The value at the path of member names, or null.
const boost::json::value* json_at(const boost::json::value& root, std::initializer_list<std::string_view> path);
/// The string there, or an empty one.
std::string json_text(const boost::json::value& root, std::initializer_list<std::string_view> path);
/// The array there, or null.
const boost::json::array* json_list(const boost::json::value& root, std::initializer_list<std::string_view> path);

}  // namespace cpg::k8s
