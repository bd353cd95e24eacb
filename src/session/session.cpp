// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/session.hpp"

#include <algorithm>
#include <asio/post.hpp>
#include <exception>
#include <thread>
#include <utility>

#include "aggregate/aggregator.hpp"
#include "base/cpu_limit.hpp"
#include "base/duration.hpp"
#include "base/left_to_kernel.hpp"
#include "base/timestamp.hpp"
#include "session/engine.hpp"
#include "session/stop_signals.hpp"
#include "session/written.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;

// What is not back by then, with nothing left to do, is stuck.
constexpr auto time_to_wind_up = 3s;

// timeout(1) signals its child and then, at once, the child's process group: the child gets the signal twice. Nobody
// presses a key twice in this time.
constexpr auto echo_time = 50ms;

std::size_t thread_count(std::size_t wanted) {
    return wanted > 0 ? wanted : worker_count();
}

}  // namespace

session::session(session_settings settings, logger& log)
    : engine_(std::make_shared<engine>(std::move(settings), log)) {}

session::~session() {
    if (engine_->leave()) leave_to_kernel(std::move(engine_));
}

asio::any_io_executor session::pool() {
    return engine_->pool();
}

asio::any_io_executor session::strand() {
    return engine_->strand();
}

std::vector<const aggregator*> session::sums() {
    return engine_->sums();
}

known_pods session::pods() const {
    return engine_->pods();
}

session_result session::run(flow_source& source) {
    return engine_->run(source);
}

// From now on a signal ends the process: nobody would stop for it.
std::vector<const aggregator*> session::engine::sums() {
    asio::error_code ignored;
    signals_.clear(ignored);
    return shards_.settled();
}

session::engine::engine(session_settings settings, logger& log)
    : settings_(std::move(settings)),
      log_(log),
      threads_(thread_count(settings_.threads)),
      gates_(settings_.gates),
      shards_(pool(), strand_, threads_,
              {.samples = settings_.samples,
               .least_l7_flows = settings_.least_l7_flows,
               // Where names that are remembered from before may be added to them.
               .keep_rules = settings_.evidence && settings_.gates.fqdn,
               .shape = settings_.shape}),
      notices_(log),
      writer_(settings_.writer, log, &writing_) {
    // Two pieces more than threads: one is being read and one is being added up while the others are decoded.
    for (std::size_t slot = 0; slot < threads_ + 2; ++slot)
        free_slots_.push_back(slot);
    if (settings_.survey != survey::none) tallies_.resize(free_slots_.size());
}

session_result session::engine::run(flow_source& source) {
    started_ = std::chrono::steady_clock::now();
    locks_ = lock_folders(settings_, log_);
    result_.started_ns = now_ns();
    start_evidence();
    asio::post(strand_, [this, &source] { start(source); });
    run_threads();
    result_.ended_ns = now_ns();
    if (result_.stuck && settings_.when_stuck) settings_.when_stuck(result_);
    return std::move(result_);
}

// The first exception of any thread ends the run; it is a bug or a lack of memory, never a bad flow. This thread works
// on nothing itself: it is the one that is left when the others hang.
void session::engine::run_threads() {
    running_ = threads_;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < threads_; ++i)
        threads.emplace_back([self = shared_from_this()] { self->work(); });
    const bool all_ended = wait_for_threads();
    for (std::thread& thread : threads)
        all_ended ? thread.join() : thread.detach();
    for (const std::exception_ptr& error : errors_)
        if (error) std::rethrow_exception(error);
    result_.stuck = !all_ended;
}

void session::engine::work() {
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

// False when some did not end: long after everything was finished, or when nothing was finished long after a stop.
bool session::engine::wait_for_threads() {
    std::unique_lock lock(mutex_);
    const auto ended = [this] { return running_ == 0; };
    for (;;) {
        if (changed_.wait_for(lock, settings_.patience / 20, ended)) return true;
        const auto now = std::chrono::steady_clock::now();
        if (finished_at_ && now - *finished_at_ > time_to_wind_up) return false;
        if (stop_wanted_at_ && !finished_at_ && now - *stop_wanted_at_ > 3 * settings_.patience + 2 * time_for_rest) {
            result_.problem = "cpg did not come to an end in time";
            log_.error(result_.problem);
            return false;
        }
    }
}

void session::engine::start(flow_source& source) {
    source_ = &source;
    add_stop_signals(signals_);
    signals_.async_wait([this](asio::error_code ec, int signal) {
        if (!ec) on_signal(signal);
    });
    if (settings_.duration) {
        duration_timer_.expires_after(*settings_.duration);
        duration_timer_.async_wait([this](asio::error_code ec) {
            if (ec) return;
            watch_for_hang();
            on(session_event::stop_wanted);
        });
    }
    start_flush_timer();
    if (settings_.status_line) start_status_line();
    source.start(*this);
    source.request(free_slots_.size());
}

// Clearing the set gives the signals their usual effect back: a second one kills, even in a long write. The wait keeps
// run() from returning before, so that a short session, too, is safe from the first signal's echo.
void session::engine::on_signal(int signal) {
    echo_timer_.expires_after(echo_time);
    echo_timer_.async_wait([this](asio::error_code) {
        asio::error_code ignored;
        signals_.clear(ignored);
    });
    result_.stopped_by_signal = true;
    log_.hurry();
    watch_for_hang();
    log_.info("stopping: writing what was received", {{"signal", signal_name(signal)}});
    on(session_event::stop_wanted);
}

void session::engine::on(session_event event) {
    act(machine_.on(event));
}

void session::engine::act(session_action action) {
    switch (action) {
        case session_action::none: return;
        case session_action::stop_source:
            start_deadline();
            source_->stop();
            return;
        case session_action::wait_for_shards:
            start_deadline();
            check_all_added();
            return;
        case session_action::flush:
            // A flush that is still being written is waited for.
            last_flush_due_ = true;
            if (settings_.only_sums)
                on(session_event::all_written);
            else if (!flushing_)
                flush(true);
            return;
        case session_action::finish: finish(); return;
    }
}

void session::engine::start_deadline() {
    deadline_timer_.expires_after(settings_.patience);
    deadline_timer_.async_wait([this](asio::error_code ec) {
        if (ec || machine_.phase() >= session_phase::flushing) return;
        const std::string patience = format_duration(settings_.patience);
        log_.error("the input did not end in time; what has been added up is written", {{"patience", patience}});
        if (result_.problem.empty()) result_.problem = "the input did not end within " + patience + " of the stop";
        on(session_event::out_of_time);
    });
}

void session::engine::on_input(decode_task task) {
    const std::size_t slot = free_slots_.back();
    free_slots_.pop_back();
    ++in_flight_;
    asio::post(context_, [this, slot, task = std::move(task)] {
        asio::post(strand_, [this, done = decode(slot, task)]() mutable { on_decoded(std::move(done)); });
    });
}

session::engine::decoded session::engine::decode(std::size_t slot, const decode_task& task) {
    decoded out{.slot = slot, .batch = std::make_shared<flow_batch>(), .report = {}, .problem = {}};
    caches_.with_one([&](decode_cache& cache) { task(cache, *out.batch); });
    if (settings_.survey != survey::none) survey_batch(slot, *out.batch);
    out.report = settings_.survey == survey::alone
                     ? counted(*out.batch)
                     : triage(*out.batch, gates_, shards_.count(), shard_of, log_.enabled(log_level::debug));
    return out;
}

void session::engine::on_decoded(decoded done) {
    result_.counts.add(done.report.counts);
    result_.lines += done.batch->lines;
    result_.other_events += done.batch->other_events;
    notices_.on_batch(*done.batch);
    notices_.on_triage(done.report);
    result_.findings.add(done.report);
    shards_.add(done.batch, std::move(done.report), [this, slot = done.slot] { on_added(slot); });
}

void session::engine::on_added(std::size_t slot) {
    free_slots_.push_back(slot);
    --in_flight_;
    if (machine_.phase() <= session_phase::stopping) source_->request(1);
    check_all_added();
}

void session::engine::on_end(source_end end) {
    result_.has_begun = source_->has_begun();
    if (!end.problem.empty()) {
        result_.problem = end.problem;
        log_.error(end.problem);
    }
    on(session_event::input_ended);
}

void session::engine::check_all_added() {
    if (in_flight_ == 0) on(session_event::all_added);
}

// Everything that could keep run() from returning is let go here.
void session::engine::finish() {
    notices_.at_end();
    asio::error_code ignored;
    signals_.cancel(ignored);
    for (asio::steady_timer* timer : {&flush_timer_, &duration_timer_, &deadline_timer_, &status_timer_, &hang_timer_})
        timer->cancel();
    resized_.cancel(ignored);
    log_.set_status({});
    result_.malformed = notices_.malformed();
    result_.first_malformed = notices_.first_malformed();
    result_.crowded_workloads = notices_.crowded();
    result_.lost_by_source = notices_.lost_by_source();
    result_.unavailable_nodes.assign(notices_.unavailable_nodes().begin(), notices_.unavailable_nodes().end());
    if (!rescued_) count_written();
    take_survey();
    const std::lock_guard lock(mutex_);
    finished_at_ = std::chrono::steady_clock::now();
}

// Signals have their usual effect again, and others may write to the folders: but for its memory it is gone.
bool session::engine::leave() {
    if (!settings_.ends_process) return false;
    asio::error_code ignored;
    signals_.clear(ignored);
    resized_.clear(ignored);
    locks_ = {};
    return true;
}

void session::engine::count_written() {
    result_.policies_written = writer_.written();
    result_.policies_unchanged = writer_.unchanged();
    result_.policies_failed = writer_.failed();
    if (evidence_) result_.evidence_failed = evidence_->failed();
    check_output_in_place(writer_, evidence_ ? &*evidence_ : nullptr, settings_, result_, log_);
}

}  // namespace cpg
