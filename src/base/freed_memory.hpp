// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What the allocator does with memory that is freed. Given back to the kernel, it is mapped and zeroed page by page
// when the next piece of a capture takes it: a tenth of the CPU time of a replay. Nothing where the C library is not
// glibc.

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace cpg {

/// From now on freed memory is kept for what comes next; for a process that ends soon. Before the threads are made.
inline void keep_freed_memory() {
#ifdef __GLIBC__
    constexpr int most_kept = 256 << 20;
    constexpr int largest_kept = 32 << 20;  // the most that it takes
    ::mallopt(M_MMAP_THRESHOLD, largest_kept);
    ::mallopt(M_TRIM_THRESHOLD, most_kept);
#endif
}

}  // namespace cpg
