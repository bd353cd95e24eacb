// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// JSON files that people read and compare: indented, members in the order in which they were added. Pure; any thread.

#include <boost/json/value.hpp>
#include <string>

namespace cpg {

/// Two columns a level, with a line break at the end.
std::string pretty_json(const boost::json::value& value);
/// The same as a part of a larger text: behind what stands before it on its line, whose level has `indent` columns, and
/// without the line break.
void append_pretty_json(std::string& out, const boost::json::value& value, std::size_t indent);

}  // namespace cpg
