// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Whole files, read with a bound and replaced atomically. Blocking; any thread, but never two at once on one path.
// Every error is a file_error that names the path and the system's reason.

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cpg {

class file_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The bytes of a regular file; nothing when there is none at `path`. Throws file_error when it is something other
/// than a regular file, can't be read, or is larger than `most_bytes`.
std::optional<std::string> read_file(const std::filesystem::path& path, std::size_t most_bytes);

/// Whether a file must outlast a power cut, at the cost of waiting for the disk twice.
enum class durability { durable, lost_in_a_crash };

/// Replaces `path` by a file with these bytes: temporary file in the same folder, fsync, rename, fsync of the folder.
/// Without durability there is no fsync, and after a power cut the file may be empty. Missing folders are made with
/// `folder_mode`. On failure the old file is whole and no temporary file is left.
void replace_file(const std::filesystem::path& path, std::string_view bytes, mode_t mode = 0644,
                  mode_t folder_mode = 0755, durability wanted = durability::durable);

/// Makes the folder and its missing parents with `mode`. Throws file_error.
void make_folders(const std::filesystem::path& path, mode_t mode = 0755);

}  // namespace cpg
