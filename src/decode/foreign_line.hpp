// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Output of other programs that people take for a capture, and what gives one instead. Private to decode. Pure; any
// thread.

#include <string_view>

namespace cpg::json {

/// What a line that is no event of Hubble looks like, with the command that gives a capture; nothing when it looks like
/// nothing that is known.
std::string_view foreign_format_of(std::string_view line);

}  // namespace cpg::json
