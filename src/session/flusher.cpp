// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/flusher.hpp"

#include <asio/post.hpp>
#include <numeric>
#include <utility>

#include "base/timestamp.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;

// Evidence is for people who ask later: it is written this often, and at the end. A policy that has grown is written at
// every flush.
constexpr auto evidence_interval = 30s;

constexpr std::size_t most_workloads_named = 20;

}  // namespace

flusher::flusher(asio::any_io_executor strand, asio::any_io_executor writer, flusher_settings settings,
                 const ingest& from, shards& sums, notices& told, flush_sink* sink)
    : strand_(std::move(strand)),
      writer_(std::move(writer)),
      settings_(std::move(settings)),
      ingest_(from),
      shards_(sums),
      notices_(told),
      sink_(sink),
      timer_(strand_),
      evidence_taken_at_(std::chrono::steady_clock::now()) {}

void flusher::start() {
    timer_.arm_after(settings_.interval, [this] { on_timer(); });
}

void flusher::on_timer() {
    start();
    if (writing_)
        ++skipped_;
    else if (!sink_ || settings_.only_last)
        notices_.on_flush(ingest_.so_far().counts.unhandled);
    else
        flush();
}

void flusher::flush_last(std::function<void()> done) {
    done_ = std::move(done);
    stop();
    if (!sink_) return done_();
    if (!writing_) flush();
}

flush_scope flusher::next_scope() {
    if (!settings_.keeps_evidence) return flush_scope::new_rules;
    if (done_) return flush_scope::last;
    if (written_.evidence_lacks_rules) return flush_scope::everything;
    const auto now = std::chrono::steady_clock::now();
    if (now - evidence_taken_at_ < evidence_interval) return flush_scope::new_rules;
    evidence_taken_at_ = now;
    return written_.evidence_failed > 0 ? flush_scope::everything : flush_scope::any_change;
}

void flusher::flush() {
    writing_ = true;
    last_is_on_its_way_ = done_ != nullptr;
    notices_.on_flush(ingest_.so_far().counts.unhandled);
    const flush_scope scope = next_scope();
    shards_.flush(scope, [this, scope](std::vector<flushed_workload> taken, const flush_totals& totals) {
        on_taken(scope, std::move(taken), totals);
    });
}

void flusher::on_taken(flush_scope scope, std::vector<flushed_workload> taken, const flush_totals& totals) {
    workloads_ = totals.workloads;
    if (totals.too_many_workloads) notices_.on_too_many_workloads();
    tell(taken);
    flush_load load{
        .scope = scope, .workloads = std::move(taken), .pods = {}, .session = session_so_far(), .written = {}};
    asio::post(writer_, [this, load = std::move(load)]() mutable { write(std::move(load)); });
}

void flusher::tell(const std::vector<flushed_workload>& taken) {
    for (const flushed_workload& each : taken)
        notices_.on_workload(each.snapshot);
    for (const flushed_workload& each : taken)
        if (each.grown && each.grown->too_many_names > 0) notices_.on_too_many_names(*each.grown);
    for (const flushed_workload& each : taken)
        if (each.grown && with_rules_.size() < most_workloads_named) with_rules_.insert(full_name(each.snapshot));
}

evidence_session flusher::session_so_far() const {
    evidence_session out = settings_.session;
    const triage_counts& counts = ingest_.so_far().counts;
    out.ended_ns = now_ns();
    out.flows_ingested = counts.flows;
    out.flows_unhandled = std::accumulate(counts.unhandled.begin(), counts.unhandled.end(), std::uint64_t{0});
    return out;
}

void flusher::write(flush_load load) {
    if (settings_.keeps_evidence && brings_all(load.scope)) load.pods = ingest_.pods();
    sink_->write(load);
    sink_counts counts;
    sink_->count(counts);
    asio::post(strand_, [this, counts] { on_written(counts); });
}

void flusher::on_written(const sink_counts& counts) {
    written_ = counts;
    writing_ = false;
    if (last_is_on_its_way_)
        done_();
    else if (done_)
        flush();
}

}  // namespace cpg
