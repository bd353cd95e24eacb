// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// How long a test waits for what has to come: CPG_TEST_SLOW=10 makes it ten times as long, for machines that are slow
// or busy. What must not come is not waited for longer. Any thread.

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace cpg::test {

/// At least 1.
inline unsigned slowness() {
    const char* const told = std::getenv("CPG_TEST_SLOW");
    return std::max(told ? static_cast<unsigned>(std::strtoul(told, nullptr, 10)) : 1U, 1U);
}

template <typename rep, typename period>
std::chrono::duration<rep, period> patient(std::chrono::duration<rep, period> bound) {
    return bound * slowness();
}

/// Of a test case, in seconds.
inline unsigned patient(unsigned seconds) {
    return seconds * slowness();
}

}  // namespace cpg::test
