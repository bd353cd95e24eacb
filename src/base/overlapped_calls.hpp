// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Calls that do little but wait for the disk, many at once: a journal writes what all of them wait for together, so a
// thousand files take not much longer than a few dozen (docs/reliability.md has the figures). One thread at a time.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

namespace cpg {

/// A call that is under way. Waits for its end, also where nobody asks for its result.
class overlapped_call {
  public:
    explicit overlapped_call(std::future<void> result) : result_(std::move(result)) {}
    overlapped_call(overlapped_call&&) = default;
    overlapped_call& operator=(overlapped_call&&) = default;
    ~overlapped_call();

    /// Once; throws what the call has thrown.
    void get() { result_.get(); }

  private:
    std::future<void> result_;
};

class overlapped_calls {
  public:
    /// So many are under way at the most: each has a thread and a handful of descriptors.
    static constexpr std::size_t most_at_once = 64;

    overlapped_calls() = default;
    overlapped_calls(const overlapped_calls&) = delete;
    overlapped_calls& operator=(const overlapped_calls&) = delete;
    ~overlapped_calls();

    /// Makes the call on a thread that does nothing else meanwhile, and waits before while too many are under way;
    /// where there is no thread to be had, when its result is asked for.
    overlapped_call start(std::function<void()> call);
    /// Threads stay for the next calls: there are as many as calls were ever under way together.
    std::size_t threads() const { return threads_.size(); }

  private:
    struct waiting {
        std::function<void()> call;
        std::promise<void> result;
    };

    bool has_thread();
    void work();

    std::mutex mutex_;
    std::condition_variable call_waits_;  ///< for a thread
    std::condition_variable place_is_free_;
    std::deque<waiting> waiting_;
    std::size_t under_way_ = 0;  ///< those that wait for their thread too
    bool ended_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace cpg
