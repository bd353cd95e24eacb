// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A diff as a person sees it. Pure; any thread.

#include <string>
#include <string_view>

namespace cpg {

/// `on_terminal`: without what could steer it; elsewhere a diff shows what a file holds, byte for byte. The colours are
/// those of `git diff`.
std::string shown_diff(std::string_view diff, bool on_terminal, bool colour);

}  // namespace cpg
