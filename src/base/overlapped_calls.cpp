// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/overlapped_calls.hpp"

#include <chrono>
#include <exception>
#include <system_error>
#include <utility>

namespace cpg {

namespace {

std::exception_ptr thrown_by(const std::function<void()>& call) {
    try {
        call();
        return nullptr;
    } catch (...) {
        return std::current_exception();
    }
}

}  // namespace

overlapped_call::~overlapped_call() {
    if (result_.valid() && result_.wait_for(std::chrono::seconds(0)) != std::future_status::deferred) result_.wait();
}

overlapped_calls::~overlapped_calls() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    call_waits_.notify_all();
    for (std::thread& each : threads_)
        each.join();
}

overlapped_call overlapped_calls::start(std::function<void()> call) {
    std::unique_lock lock(mutex_);
    place_is_free_.wait(lock, [this] { return under_way_ < most_at_once; });
    if (!has_thread()) return overlapped_call(std::async(std::launch::deferred, std::move(call)));
    ++under_way_;
    waiting_.push_back({.call = std::move(call), .result = {}});
    overlapped_call out(waiting_.back().result.get_future());
    lock.unlock();
    call_waits_.notify_one();
    return out;
}

// A thread for each call would keep its stack until somebody asks for the result: of a flush of 30,000 policies that is
// more mappings than Linux gives a process (vm.max_map_count, 65,530).
bool overlapped_calls::has_thread() {
    if (under_way_ < threads_.size()) return true;
    try {
        threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
    }
    return !threads_.empty();
}

// The place is given back before the result is told, and not when somebody asks for it.
void overlapped_calls::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        call_waits_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        waiting next = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        const std::exception_ptr thrown = thrown_by(std::exchange(next.call, nullptr));
        lock.lock();
        --under_way_;
        place_is_free_.notify_one();
        thrown ? next.result.set_exception(thrown) : next.result.set_value();
    }
}

}  // namespace cpg
