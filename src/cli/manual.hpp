// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Help, manual pages and completions, all printed from the option table. Pure; any thread.

#include <cstddef>
#include <string>
#include <string_view>

#include "cli/options.hpp"

namespace cpg {

/// `@` replaced by the program's name.
std::string with_program(std::string_view text, std::string_view program);
/// Help of a command, or of the program when `command` is null, in lines of at most `width` columns; usage and
/// examples, which are there to be copied, are not broken.
std::string help_text(std::string_view program, const command_spec* command, std::size_t width);
/// The manual page in roff, cpg(1) or that of a command, cpg-replay(1).
std::string manual_page(std::string_view version, const command_spec* command);
/// A script that asks the program itself (complete.hpp). `file` is the name of the program's file, `cpg` or
/// `kubectl-cilium_policy_gen`. Throws usage_error for a shell other than bash, zsh and fish.
std::string completion_script(std::string_view file, std::string_view shell);

}  // namespace cpg
