// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// JSON files that people read and compare: indented, members in the order in which they were added. Pure; any thread.

#include <boost/json/value.hpp>
#include <string>

namespace cpg {

/// Two columns a level, with a line break at the end.
std::string pretty_json(const boost::json::value& of);

}  // namespace cpg
