// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// When the writer does not come back, from a file system that has gone away say, a stop must not wait for it: all but
// the file that it hangs at is written by another writer, which begins with what is on disk.
#include <asio/post.hpp>
#include <thread>
#include <utility>

#include "base/duration.hpp"
#include "session/engine.hpp"

namespace cpg {

// From when a stop is wanted until the end. Called more than once.
void session::engine::watch_for_hang() {
    {
        const std::lock_guard lock(mutex_);
        if (!stop_wanted_at_) stop_wanted_at_ = std::chrono::steady_clock::now();
    }
    hang_timer_.expires_after(settings_.patience / 20);
    hang_timer_.async_wait([this](asio::error_code ec) {
        if (ec || machine_.phase() == session_phase::done || gave_up_) return;
        const std::optional<activity::step> now = writing_.now();
        const bool waits = machine_.phase() == session_phase::flushing && flushing_ && now;
        if (waits && std::chrono::steady_clock::now() - now->since > settings_.patience)
            give_up_on(now->what);
        else
            watch_for_hang();
    });
}

// Evidence is not written again: what of it is on disk is not known.
void session::engine::give_up_on(const std::string& path) {
    gave_up_ = true;
    log_.error("a file can't be written: the system does not come back; the others are written without it",
               {{"path", path}, {"patience", format_duration(settings_.patience)}});
    result_.problem = "writing " + path + " did not come back within " + format_duration(settings_.patience);
    if (settings_.writer.dry_run) return on_rescued({});
    shards_.flush(flush_scope::everything, [this, path](std::vector<flushed_workload> taken, flush_totals) {
        std::vector<policy> rest;
        for (const flushed_workload& each : taken) {
            policy all = policy_of(each.snapshot);
            if (policy_writer::plain_path(settings_.writer.output_dir, all) != path) rest.push_back(std::move(all));
        }
        write_rest(std::move(rest));
    });
}

// On a thread of its own, which may hang too.
void session::engine::write_rest(std::vector<policy> rest) {
    hang_timer_.expires_after(time_for_rest);
    hang_timer_.async_wait([this](asio::error_code ec) {
        if (!ec) on_rescued({});
    });
    std::thread([self = shared_from_this(), rest = std::move(rest)]() mutable {
        policy_writer writer(self->settings_.writer, self->log_);
        writer.write(std::move(rest));
        const rescued counts = {writer.written(), writer.unchanged(), writer.failed()};
        // By then there may be nobody to tell: a handler that nobody runs must not keep what it lies in.
        asio::post(self->strand_, [weak = self->weak_from_this(), counts] {
            if (const auto engine = weak.lock()) engine->on_rescued(counts);
        });
    }).detach();
}

void session::engine::on_rescued(rescued counts) {
    if (rescued_) return;
    rescued_ = counts;
    result_.policies_written = written_.policies + counts.written;
    result_.policies_unchanged = counts.unchanged;
    result_.policies_failed = counts.failed + 1;
    result_.evidence_failed = evidence_ ? 1 : 0;
    on(session_event::all_written);
}

}  // namespace cpg
