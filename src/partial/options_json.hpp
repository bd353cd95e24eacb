// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The options of a part as JSON: the names of the flags, and each value written in one way only, so that two parts have
// the same options where they have the same text. Any thread.

#include <boost/json/object.hpp>

#include "partial/part.hpp"

namespace cpg {

boost::json::object options_json(const part_options& options);
/// Throws part_error.
part_options read_options(const boost::json::object& from);

}  // namespace cpg
