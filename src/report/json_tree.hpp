// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// JSON as a tree that can be written as YAML. Pure; any thread.

#include <boost/json/value.hpp>

#include "policy/tree.hpp"

namespace cpg {

tree tree_of(const boost::json::value& json);

}  // namespace cpg
