// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Files of which cpg can't read the format, told by their first bytes, and the command that mends it. Pure; any thread.

#include <string>
#include <string_view>

namespace cpg {

/// What is wrong with a file named `name` that begins so and what to do; empty when nothing is known to be.
std::string foreign_format_problem(std::string_view beginning, std::string_view name);

}  // namespace cpg
