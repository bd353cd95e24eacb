// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// How long a test waits for what has to come: CPG_TEST_SLOW=10 makes it ten times as long, for machines that are slow
// or busy. What must not come is not waited for longer. Any thread.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <thread>

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

/// Looks again and again until it holds, for at most `limit` and its stretch; returns whether it did.
inline bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds limit = std::chrono::seconds(30)) {
    const auto until = std::chrono::steady_clock::now() + patient(limit);
    while (!holds()) {
        if (std::chrono::steady_clock::now() >= until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

}  // namespace cpg::test
