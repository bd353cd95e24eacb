// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The change to a file as a unified diff that `patch` and `git apply` take. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

namespace cpg {

/// Three lines of context; `/dev/null` as the old name of a new file. Empty when the texts are equal.
std::string unified_diff(const std::string& path, const std::optional<std::string>& before, std::string_view after);

}  // namespace cpg
