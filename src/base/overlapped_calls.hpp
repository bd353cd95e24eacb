// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Calls that do little but wait for the disk, many at once: a journal writes what all of them wait for together, so a
// thousand files take not much longer than a few dozen (docs/reliability.md has the figures). One thread at a time.

#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <semaphore>

namespace cpg {

class overlapped_calls {
  public:
    /// So many are under way at the most: each has a thread and a handful of descriptors.
    static constexpr std::ptrdiff_t most_at_once = 64;

    /// Makes the call on a thread of its own, and waits before while too many are under way; where there is no thread
    /// to be had, when the future is asked. What it throws comes out of the future, whose destructor waits for it.
    std::future<void> start(std::function<void()> call);

  private:
    using places = std::counting_semaphore<most_at_once>;
    const std::shared_ptr<places> free_ = std::make_shared<places>(most_at_once);
};

}  // namespace cpg
