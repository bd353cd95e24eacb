// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/ingest.hpp"

#include <asio/post.hpp>
#include <utility>

#include "base/limits.hpp"
#include "classify/shows.hpp"

namespace cpg {

ingest::ingest(const session_settings& settings, asio::any_io_executor pool, asio::any_io_executor strand,
               std::size_t slots, shards& to, notices& told, logger& log)
    : pool_(std::move(pool)),
      strand_(std::move(strand)),
      gates_(settings.gates),
      survey_(settings.survey),
      shards_(to),
      notices_(told),
      log_(log),
      labels_(settings.select_by) {
    for (std::size_t slot = 0; slot < slots; ++slot)
        free_slots_.push_back(slot);
    if (survey_ != survey::none) tallies_.resize(slots);
}

void ingest::start(flow_source& source, listeners tell) {
    source_ = &source;
    tell_ = std::move(tell);
    source.start(*this);
    source.request(free_slots_.size());
}

void ingest::on_input(piece_ptr piece) {
    const std::size_t slot = free_slots_.back();
    free_slots_.pop_back();
    ++in_flight_;
    asio::post(pool_, [this, slot, piece = std::move(piece)] {
        asio::post(strand_, [this, done = decode(slot, *piece)]() mutable { on_decoded(std::move(done)); });
    });
}

ingest::decoded ingest::decode(std::size_t slot, input_piece& piece) {
    decoded out{.slot = slot, .batch = std::make_shared<flow_batch>(), .report = {}};
    caches_.with_one([&](decode_cache& cache) { piece.decode(cache, *out.batch); });
    if (survey_ != survey::none) survey_batch(slot, *out.batch);
    out.report = survey_ == survey::alone
                     ? counted(*out.batch)
                     : triage(*out.batch, gates_, shards_.count(), shard_of, log_.enabled(log_level::debug));
    return out;
}

void ingest::survey_batch(std::size_t slot, const flow_batch& batch) {
    connection_tally& tally = tallies_[slot];
    for (const flow& each : batch.flows) {
        const shown_connections shown = shown_in(each, gates_.settings().window);
        for (std::size_t i = 0; i < shown.count; ++i)
            tally.add(shown.ends[i]);
        if (shown.count == 0) tally.pass_over(shown.why, each.count());
        tally.add_answer(each);
    }
}

// Nothing of a batch makes a rule.
triage_report ingest::counted(const flow_batch& batch) const {
    triage_report out;
    out.shards.resize(shards_.count());
    out.answers.resize(shards_.count());
    for (const flow& each : batch.flows) {
        out.counts.flows += each.count();
        out.counts.by_verdict[static_cast<std::size_t>(each.verdict)] += each.count();
    }
    return out;
}

void ingest::on_decoded(decoded done) {
    so_far_.counts.add(done.report.counts);
    so_far_.lines += done.batch->lines;
    so_far_.other_events += done.batch->other_events;
    notices_.on_batch(*done.batch);
    notices_.on_triage(done.report);
    so_far_.findings.add(done.report);
    shards_.add(done.batch, std::move(done.report), [this, slot = done.slot] { on_shards_done(slot); });
}

void ingest::on_shards_done(std::size_t slot) {
    free_slots_.push_back(slot);
    --in_flight_;
    if (!closed_) source_->request(1);
    tell_.on_added();
}

void ingest::on_end(source_end end) {
    close();
    tell_.on_end(std::move(end));
}

known_pods ingest::pods() const {
    known_pods out;
    for (const label_set* each : labels_.all())
        if (each->reserved == reserved_identity::none && !each->pod_namespace.empty())
            out.insert({.pod_namespace = each->pod_namespace, .cluster = each->cluster, .labels = pod_labels(*each)});
    return out;
}

seen_connections ingest::connections() {
    connection_tally all;
    for (const connection_tally& each : tallies_)
        all.add(each);
    tallies_.clear();
    seen_connections out = all.result();
    if (out.left_out > 0)
        log_.warn("more connections than are told apart: what is beyond them is left out",
                  {{"limit", std::uint64_t{limits::connections}}, {"flows", out.left_out}});
    return out;
}

}  // namespace cpg
