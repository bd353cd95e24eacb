// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// relay-sim's command line. Reads nothing but its arguments.

#include <optional>
#include <string>

#include "settings.hpp"

namespace cpg::sim {

std::string help_text();

/// Nothing when help was asked for. Throws usage_error.
std::optional<settings> parse_command_line(int argc, const char* const* argv);

}  // namespace cpg::sim
