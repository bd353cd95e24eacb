// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Whole files by path, read with a bound. Blocking; any thread. What cpg writes goes through base/folder. Every error
// is a file_error that names the path and the system's reason.

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

namespace cpg {

class descriptor;

class file_error : public std::runtime_error {
  public:
    explicit file_error(const std::string& what, int code = 0) : std::runtime_error(what), code_(code) {}
    /// The system's errno; 0 where it is not the system that refused.
    int code() const { return code_; }

  private:
    int code_;
};

/// Throws the file_error `<doing> <path>: <the system's words for code>`.
[[noreturn]] void throw_file_error(const std::string& doing, const std::filesystem::path& path, int code);

/// The path from the root on; links stay as they are. Throws file_error for a relative one when the current folder is
/// gone.
std::filesystem::path absolute_path(const std::filesystem::path& path);

/// The bytes of a regular file; nothing when there is none at `path`. Throws file_error when it is something other
/// than a regular file, can't be read, or is larger than `most_bytes`.
std::optional<std::string> read_file(const std::filesystem::path& path, std::size_t most_bytes);

/// The same of a file that is open; `path` is for messages. Opened with O_NONBLOCK, or a FIFO might have hung.
std::string read_open_file(const descriptor& file, const std::filesystem::path& path, std::size_t most_bytes);

/// Makes the folder and its missing parents with `mode`, so that they outlast a power cut. Throws file_error.
void make_folders(const std::filesystem::path& path, mode_t mode = 0755);

/// Waits until the disk has the folder's list of names. Throws file_error when the disk fails; a file system that can't
/// do that has nothing better to offer.
void sync_folder(const descriptor& folder, const std::filesystem::path& path);

}  // namespace cpg
