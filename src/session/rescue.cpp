// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/rescue.hpp"

#include <asio/post.hpp>
#include <thread>
#include <utility>

#include "base/duration.hpp"
#include "session/cluster_folders.hpp"

namespace cpg {

rescue::rescue(asio::any_io_executor strand, const session_settings& settings, const activity& writing,
               const flusher& writer, shards& sums, logger& log)
    : strand_(std::move(strand)),
      settings_(settings),
      writing_(writing),
      flusher_(writer),
      shards_(sums),
      log_(log),
      timer_(strand_) {}

void rescue::watch(const std::weak_ptr<void>& owner, std::function<void()> done) {
    if (done_) return;
    owner_ = owner;
    done_ = std::move(done);
    await_tick();
}

void rescue::stop() {
    timer_.disarm();
}

void rescue::await_tick() {
    timer_.arm_after(settings_.patience / 20, [this] { on_tick(); });
}

void rescue::on_tick() {
    const std::optional<activity::step> now = writing_.now();
    const bool waits = flusher_.is_awaited() && now;
    if (waits && std::chrono::steady_clock::now() - now->since > settings_.patience)
        give_up_on(now->what);
    else
        await_tick();
}

// Evidence is not written again: what of it is on disk is not known.
void rescue::give_up_on(const std::string& path) {
    log_.error("a file can't be written: the system does not come back; the others are written without it",
               {{"path", path}, {"patience", format_duration(settings_.patience)}});
    problem_ = "writing " + path + " did not come back within " + format_duration(settings_.patience);
    if (settings_.writer.dry_run) return on_rest({});
    shards_.flush(flush_scope::everything, [this, path](std::vector<flushed_workload> taken, const flush_totals&) {
        policies_by_folder others;
        for (const flushed_workload& each : taken) {
            policy all = policy_of(each.snapshot, settings_.shape);
            const std::filesystem::path folder = output_dir_of(settings_, each.snapshot.key.cluster);
            if (policy_writer::plain_path(folder, all) != path) others[folder].push_back(std::move(all));
        }
        write_rest(std::move(others));
    });
}

// On a thread of its own, which may hang too. By the time that it is done there may be nobody to tell: a handler that
// nobody runs must not keep what it lies in.
void rescue::write_rest(policies_by_folder policies) {
    timer_.arm_after(time_for_rest, [this] { on_rest({}); });
    std::thread([this, owner = owner_.lock(), policies = std::move(policies)]() mutable {
        rest counts;
        for (auto& [folder, of_folder] : policies) {
            writer_settings settings = settings_.writer;
            settings.output_dir = folder;
            policy_writer writer(settings, log_);
            writer.write(std::move(of_folder));
            counts.written += writer.written();
            counts.unchanged += writer.unchanged();
            counts.failed += writer.failed();
        }
        asio::post(strand_, [this, weak = owner_, counts] {
            if (const auto held = weak.lock()) on_rest(counts);
        });
    }).detach();
}

void rescue::on_rest(rest counts) {
    if (rest_) return;
    rest_ = counts;
    done_();
}

void rescue::add_to(session_result& result) const {
    if (!problem_.empty()) result.problem = problem_;
    if (!rest_) return;
    result.policies_written = flusher_.written().policies_written + rest_->written;
    result.policies_unchanged = rest_->unchanged;
    result.policies_failed = rest_->failed + 1;
    result.evidence_failed = settings_.evidence && !settings_.writer.dry_run ? 1 : 0;
}

}  // namespace cpg
