// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What may be done with the terminal behind a descriptor. Asks the system and the environment anew at each call, so
// that a window that changed its size is seen. Any thread.

#include <cstddef>
#include <cstdint>
#include <optional>

namespace cpg {

enum class colour_choice : std::uint8_t { automatic, always, never };

/// Columns of the terminal; nothing where there is none, or it does not know.
std::optional<std::size_t> terminal_columns(int descriptor);
/// True for a terminal on which a line can be rewritten: not where TERM is `dumb` or missing.
bool can_rewrite_lines(int descriptor);
/// Left to itself: a terminal, unless NO_COLOR is set (https://no-color.org) or TERM is `dumb`.
bool has_colour(int descriptor, colour_choice choice);

}  // namespace cpg
