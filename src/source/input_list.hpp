// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What the arguments of replay stand for: files, folders with all that is below them, standard input. Looks at the disk
// and opens nothing. Any thread.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cpg {

struct capture_input {
    std::string path;         ///< or `-`
    std::uint64_t bytes = 0;  ///< of a regular file
};

struct input_list {
    std::vector<capture_input> inputs;  ///< in the order of reading; each file once
    std::uint64_t bytes = 0;            ///< of all; 0 where one has no known end
    std::vector<std::string> problems;  ///< folders that can't be read
};

/// Folders are gone through recursively, names sorted; links to files are followed, links to folders are not, and what
/// is neither file nor folder is left out. Throws fatal_error for an argument that can't be found or a folder without
/// any file.
input_list list_inputs(std::span<const std::string> arguments);

}  // namespace cpg
