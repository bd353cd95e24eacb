// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Help, manual page and completions, all printed from the option table. Pure; any thread.

#include <string>
#include <string_view>

#include "cli/options.hpp"

namespace cpg {

/// Help of a command, or of the program when `command` is null.
std::string help_text(std::string_view program, const command_spec* command);
/// The manual page in roff.
std::string manual_page(std::string_view program, std::string_view version);
/// Throws usage_error for a shell other than bash, zsh and fish.
std::string completion_script(std::string_view program, std::string_view shell);

}  // namespace cpg
