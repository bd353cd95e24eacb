// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Memory of a process that is about to end: the kernel takes it back at once, where freeing hundreds of thousands of
// rules one by one takes longer than adding them up took. Any thread.

#include <memory>
#include <mutex>
#include <vector>

namespace cpg {

/// Keeps it, reachable and never destroyed, to the end of the process.
inline void leave_to_kernel(std::shared_ptr<void> kept) {
    static std::mutex mutex;
    static auto* const all = new std::vector<std::shared_ptr<void>>;
    const std::lock_guard lock(mutex);
    all->push_back(std::move(kept));
}

}  // namespace cpg
