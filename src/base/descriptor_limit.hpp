// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// How many files a process may have open: the limit that it starts with is a small one for programs of old, which count
// on descriptors below 1,024, and anybody may go up to the hard one. Any thread.

#include <sys/resource.h>

#include <cstddef>

namespace cpg {

/// As many as there may be. Gives the limit that holds from now on.
inline std::size_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    const rlimit raised{limit.rlim_max, limit.rlim_max};
    return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

}  // namespace cpg
