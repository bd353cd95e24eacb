// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The change to a file as a unified diff that `patch -p1` and `git apply` take. Pure, but for patch_root(); any thread.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace cpg {

/// Three lines of context; `a/` and `b/` before the name, and `/dev/null` as the old one of a new file. Empty when the
/// texts are equal.
std::string unified_diff(const std::string& name, const std::optional<std::string>& before, std::string_view after);

/// The folder that a diff of files below `output_dir` is to be applied from: the root of the repository that it lies
/// in, else the working folder if it lies below that, else `/`. Looks for `.git` in the folders above.
std::filesystem::path patch_root(const std::filesystem::path& output_dir);
/// The name of a file as a diff from that root has it.
std::string patch_name(const std::filesystem::path& file, const std::filesystem::path& root);

}  // namespace cpg
