// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What is said of a flag or a command that there is not. Pure; any thread.

#include <string>

#include "cli/options.hpp"

namespace cpg {

/// `flag` as it was typed, `command` where one was; null for none. Names a flag of that command that is near, or what
/// there is in place of a flag of hubble's.
std::string unknown_flag(const std::string& flag, const command_spec* command);

/// What `generate` has in place of this flag of hubble's; empty for other flags and commands.
std::string_view instead_of(std::string_view name, const command_spec* command);

std::string unknown_command(std::string_view name);

}  // namespace cpg
