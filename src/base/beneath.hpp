// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Names below a folder that is open, followed link by link here and not by the system, which would follow them
// anywhere. Blocking; any thread. Every error is a file_error that names the path.

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "base/descriptor.hpp"

namespace cpg {

struct open_root {
    descriptor folder;
    std::filesystem::path path;       ///< for messages
    std::filesystem::path real_path;  ///< without links
};

/// A name that is no link, in a folder that is open.
struct folder_entry {
    descriptor in;
    std::string name;
};

/// Opens a folder of `in`, or AT_FDCWD, with these further flags. -1 and errno where that can't be.
descriptor open_folder(int in, const std::string& name, int flags);

/// Nothing where a folder on the way is missing, unless `mode` is there to make it. Throws where a link leads out.
std::optional<folder_entry> find_beneath(const open_root& root, const std::filesystem::path& below, const mode_t* mode);

}  // namespace cpg
