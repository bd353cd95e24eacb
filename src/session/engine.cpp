// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/engine.hpp"

#include <algorithm>
#include <asio/post.hpp>
#include <utility>

#include "base/cpu_limit.hpp"
#include "base/duration.hpp"
#include "base/timestamp.hpp"

namespace cpg {

namespace {

// One piece is being read and one is being added up while the others are decoded.
constexpr std::size_t slots_beside_threads = 2;

std::size_t thread_count(std::size_t wanted) {
    return wanted > 0 ? wanted : worker_count();
}

flusher_settings flusher_settings_of(const session_settings& settings, bool keeps_evidence, std::int64_t started_ns) {
    flusher_settings out{.interval = settings.flush_interval.value_or(usual_flush_interval),
                         .only_last = settings.writer.dry_run || settings.writes_at_end,
                         .keeps_evidence = keeps_evidence,
                         .session = {}};
    if (!keeps_evidence) return out;
    out.session.id = new_session_id(started_ns);
    out.session.started_ns = started_ns;
    out.session.cpg_version = settings.evidence->cpg_version;
    out.session.source = settings.evidence->source;
    return out;
}

}  // namespace

session_engine::session_engine(session_settings settings, logger& log, bool writes)
    : settings_(std::move(settings)),
      writes_(writes),
      log_(log),
      threads_(thread_count(settings_.threads)),
      team_(context_, settings_.patience / 20, 3 * settings_.patience + 2 * rescue::time_for_rest),
      shards_(context_.get_executor(), strand_, threads_, shard_settings_of(settings_)),
      notices_(log, settings_.by_cluster),
      ingest_(settings_, context_.get_executor(), strand_, threads_ + slots_beside_threads, shards_, notices_, log),
      stopper_(strand_, settings_.patience, log),
      status_(
          strand_, [this] { return progress(); }, log) {}

session_result session_engine::run(const source_maker& make_source) {
    make_parts(make_source);
    asio::post(strand_, [this] { start(); });
    const thread_team::outcome how = team_.run(threads_, shared_from_this());
    if (how == thread_team::outcome::late) {
        result_.problem = "cpg did not come to an end in time";
        log_.error(result_.problem);
    }
    result_.stuck = stuck_ = how != thread_team::outcome::ended;
    result_.ended_ns = now_ns();
    if (!result_.stuck) settings_.at_end(result_);
    if (result_.stuck && settings_.when_stuck) settings_.when_stuck(result_);
    return std::move(result_);
}

// The folders are taken last, when nothing else can fail.
void session_engine::make_parts(const source_maker& make_source) {
    source_ = make_source({.pool = context_.get_executor(), .strand = strand_});
    started_ = std::chrono::steady_clock::now();
    result_.started_ns = now_ns();
    if (writes_) sink_ = make_sink(settings_, log_, &writing_);
    const bool keeps_evidence = sink_ && sink_->keeps_evidence();
    flusher_ = std::make_unique<flusher>(strand_, writer_strand_,
                                         flusher_settings_of(settings_, keeps_evidence, result_.started_ns), ingest_,
                                         shards_, notices_, sink_.get());
    rescue_ = std::make_unique<rescue>(strand_, settings_, writing_, *flusher_, shards_, log_);
}

void session_engine::start() {
    stopper_.start(settings_.duration,
                   {.on_stop_wanted = [this] { on_stop_wanted(); }, .on_out_of_time = [this] { on_out_of_time(); }});
    flusher_->start();
    if (settings_.status_line) status_.start();
    ingest_.start(*source_, {.on_end = [this](source_end end) { on_source_end(std::move(end)); },
                             .on_added = [this] { check_all_added(); }});
}

void session_engine::on_stop_wanted() {
    team_.note_stop_wanted();
    rescue_->watch(weak_from_this(), [this] { on(session_event::all_written); });
    on(session_event::stop_wanted);
}

void session_engine::on_source_end(source_end end) {
    result_.has_begun = source_->has_begun();
    if (!end.problem.empty()) {
        result_.problem = end.problem;
        log_.error(end.problem);
    }
    on(session_event::input_ended);
}

void session_engine::on_out_of_time() {
    if (result_.problem.empty())
        result_.problem = "the input did not end within " + format_duration(settings_.patience) + " of the stop";
    ingest_.close();
    on(session_event::out_of_time);
}

void session_engine::check_all_added() {
    if (ingest_.is_idle()) on(session_event::all_added);
}

void session_engine::on(session_event event) {
    act(machine_.on(event));
}

void session_engine::act(session_action action) {
    switch (action) {
        case session_action::none: return;
        case session_action::stop_source: stopper_.start_deadline(); return source_->stop();
        case session_action::wait_for_shards: stopper_.start_deadline(); return check_all_added();
        case session_action::flush:
            stopper_.stop_deadline();
            return flusher_->flush_last([this] { on(session_event::all_written); });
        case session_action::finish: return finish();
    }
}

// Everything that could keep run() from returning is let go here.
void session_engine::finish() {
    notices_.at_end();
    stopper_.stop();
    flusher_->stop();
    rescue_->stop();
    status_.stop();
    take_counts();
    team_.note_finished();
}

void session_engine::take_counts() {
    const intake& in = ingest_.so_far();
    result_.counts = in.counts;
    result_.findings = in.findings;
    result_.lines = in.lines;
    result_.other_events = in.other_events;
    result_.malformed = notices_.malformed();
    result_.first_malformed = notices_.first_malformed();
    result_.crowded_workloads = notices_.crowded();
    result_.lost_by_source = notices_.lost_by_source();
    result_.unavailable_nodes.assign(notices_.unavailable_nodes().begin(), notices_.unavailable_nodes().end());
    result_.inputs_without_events = source_->inputs_without_events();
    result_.workloads = flusher_->workloads_with_rules();
    result_.flushes_skipped = flusher_->skipped();
    result_.stopped_by_signal = stopper_.by_signal();
    result_.connections = ingest_.connections();
    if (sink_ && !rescue_->has_replaced_writer()) {
        take_over(flusher_->written(), result_);
        sink_->check_in_place(result_);
    }
    rescue_->add_to(result_);
}

session_progress session_engine::progress() const {
    const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
    const std::uint64_t flows = ingest_.so_far().counts.flows;
    session_progress out{.share = source_->progress(),
                         .seconds_left = {},
                         .bytes = source_->bytes_read(),
                         .flows = flows,
                         .flows_per_second = static_cast<std::uint64_t>(static_cast<double>(flows) / elapsed),
                         .workloads = flusher_->workloads(),
                         .policies = flusher_->written().policies_written,
                         .lost = 0,
                         .task = {}};
    if (out.share > 0) out.seconds_left = elapsed * (1 - out.share) / out.share;
    if (settings_.duration)
        out.seconds_left = std::max(std::chrono::duration<double>(*settings_.duration).count() - elapsed, 0.0);
    for (const auto& [source, count] : notices_.lost_by_source())
        out.lost += count;
    if (machine_.phase() == session_phase::flushing) out.task = writing_.progress();
    return out;
}

// From now on a signal ends the process: nobody would stop for it.
session_sums session_engine::sums() {
    stopper_.give_signals_back();
    return {.shards = shards_.settled(), .pods = ingest_.pods()};
}

// Signals have their usual effect again, and others may write to the folders: but for its memory it is gone.
bool session_engine::leave() {
    if (!settings_.ends_process) return false;
    stopper_.give_signals_back();
    status_.give_signals_back();
    if (!stuck_) source_.reset();  // else a thread is in it
    if (sink_) sink_->let_go();
    return true;
}

}  // namespace cpg
