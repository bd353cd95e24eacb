// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// --partial, and the flags that it leaves no room for. One thread.

#include <string>

#include "cli/options.hpp"

namespace cpg {

/// Throws usage_error for a flag about policies, which a part has none of.
void check_partial_flags(const parsed_options& options);
/// The value of --partial. Throws usage_error where it is empty.
std::string partial_of(const parsed_options& options);

}  // namespace cpg
