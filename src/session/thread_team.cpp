// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/thread_team.hpp"

#include <thread>

namespace cpg {

namespace {

using namespace std::chrono_literals;

// What is not back by then, with nothing left to do, is stuck.
constexpr auto time_to_wind_up = 3s;

}  // namespace

thread_team::outcome thread_team::run(std::size_t count, const std::shared_ptr<void>& owner) {
    running_ = count;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i)
        threads.emplace_back([this, owner] { work(); });
    const outcome out = wait();
    for (std::thread& thread : threads)
        out == outcome::ended ? thread.join() : thread.detach();
    for (const std::exception_ptr& error : errors_)
        std::rethrow_exception(error);
    return out;
}

void thread_team::work() {
    std::exception_ptr error;
    try {
        context_.run();
    } catch (...) {
        error = std::current_exception();
        context_.stop();
    }
    const std::lock_guard lock(mutex_);
    if (error) errors_.push_back(error);
    --running_;
    changed_.notify_all();
}

thread_team::outcome thread_team::wait() {
    std::unique_lock lock(mutex_);
    for (;;) {
        if (changed_.wait_for(lock, interval_, [this] { return running_ == 0; })) return outcome::ended;
        if (const auto stopped = verdict(clock::now())) return *stopped;
    }
}

std::optional<thread_team::outcome> thread_team::verdict(clock::time_point now) const {
    if (finished_at_) return now - *finished_at_ > time_to_wind_up ? std::optional(outcome::stuck) : std::nullopt;
    return stop_wanted_at_ && now - *stop_wanted_at_ > longest_stop_ ? std::optional(outcome::late) : std::nullopt;
}

void thread_team::note_stop_wanted() {
    const std::lock_guard lock(mutex_);
    if (!stop_wanted_at_) stop_wanted_at_ = clock::now();
}

void thread_team::note_finished() {
    const std::lock_guard lock(mutex_);
    finished_at_ = clock::now();
}

}  // namespace cpg
