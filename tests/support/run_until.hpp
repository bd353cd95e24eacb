// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Runs an io_context until something is so, in place of a time in which it should have become so. One thread.

#include <algorithm>
#include <asio/io_context.hpp>
#include <chrono>
#include <functional>

#include "support/patience.hpp"

namespace cpg::test {

/// False when that takes longer than `most`. What no handler of the context brings about is looked for every 20 ms.
inline bool run_until(asio::io_context& context, const std::function<bool()>& so,
                      std::chrono::nanoseconds most = patient(std::chrono::seconds(10))) {
    const auto deadline = std::chrono::steady_clock::now() + most;
    while (!so()) {
        const auto now = std::chrono::steady_clock::now();
        if (now >= deadline) return false;
        if (context.stopped()) context.restart();
        context.run_one_until(std::min(deadline, now + std::chrono::milliseconds(20)));
    }
    return true;
}

/// Whether nothing is left to be run: no socket, no timer, no call.
inline bool run_dry(asio::io_context& context, std::chrono::nanoseconds most = patient(std::chrono::seconds(10))) {
    context.restart();
    context.run_for(most);
    return context.stopped();
}

}  // namespace cpg::test
