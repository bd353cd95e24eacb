// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Two sessions on one output directory would each write back what the other added, so each session holds its folders
// until it ends. Blocks for a few seconds; one thread.

#include <memory>

#include "base/folder_lock.hpp"
#include "base/log.hpp"
#include "session/settings.hpp"

namespace cpg {

struct folder_locks {
    std::unique_ptr<folder_lock> output;
    std::unique_ptr<folder_lock> evidence;  ///< null when none can be kept
};

/// The folders that this session writes to; none in a dry run. Throws fatal_error when another process has one of them,
/// or when one can't be made.
folder_locks lock_folders(const session_settings& settings, logger& log);

}  // namespace cpg
