// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Flushes: what the shards have added up goes to the writer strand, now and then and at the end.
#include <asio/post.hpp>
#include <numeric>
#include <utility>

#include "base/timestamp.hpp"
#include "session/engine.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;

// Evidence of which only counts and times changed is not written more often; at the end it always is.
constexpr auto counts_interval = 30s;

constexpr std::size_t most_workloads_named = 20;

}  // namespace

void session::engine::start_flush_timer() {
    flush_timer_.expires_after(settings_.flush_interval);
    flush_timer_.async_wait([this](asio::error_code ec) {
        if (!ec) on_flush_timer();
    });
}

void session::engine::on_flush_timer() {
    if (machine_.phase() >= session_phase::flushing) return;
    start_flush_timer();
    if (flushing_)
        ++result_.flushes_skipped;
    else if (settings_.writer.dry_run)
        notices_.on_flush(result_.counts.unhandled);
    else
        flush(false);
}

// Without evidence only what makes a policy grow matters.
flush_scope session::engine::scope_of_flush(bool last) {
    if (!evidence_) return flush_scope::new_rules;
    if (last || evidence_lacks_rules_) return flush_scope::everything;
    const auto now = std::chrono::steady_clock::now();
    if (now - counts_taken_at_ < counts_interval) return flush_scope::new_rules;
    counts_taken_at_ = now;
    return flush_scope::any_change;
}

void session::engine::flush(bool last) {
    flushing_ = true;
    notices_.on_flush(result_.counts.unhandled);
    shards_.flush(scope_of_flush(last), [this, last](std::vector<flushed_workload> taken, std::size_t workloads) {
        workloads_ = workloads;
        for (const flushed_workload& each : taken)
            if (each.grown && result_.workloads.size() < most_workloads_named)
                result_.workloads.insert(each.grown->pod_namespace + "/" + each.grown->workload);
        asio::post(writer_strand_, [this, last, taken = std::move(taken), so_far = session_so_far()]() mutable {
            write(std::move(taken), so_far, last);
        });
    });
}

void session::engine::write(std::vector<flushed_workload> taken, const evidence_session& so_far, bool last) {
    std::vector<policy> policies;
    std::vector<workload_evidence> rules;
    for (flushed_workload& each : taken) {
        workload_key& key = each.snapshot.key;
        if (evidence_)
            rules.push_back({std::move(key.pod_namespace), std::move(key.selector), std::move(each.snapshot.rules)});
        if (each.grown) policies.push_back(std::move(*each.grown));
    }
    const std::vector<written_policy> results = writer_.write(std::move(policies));
    if (evidence_) evidence_->write(rules, results, so_far);
    asio::post(strand_, [this, last, written = writer_.written(), lacks = evidence_ && evidence_->lacks_rules()] {
        policies_written_ = written;
        evidence_lacks_rules_ = lacks;
        on_written(last);
    });
}

void session::engine::start_evidence() {
    if (!settings_.evidence || settings_.writer.dry_run || !locks_.evidence) return;
    evidence_.emplace(*settings_.evidence, log_);
    session_id_ = new_session_id(result_.started_ns);
}

evidence_session session::engine::session_so_far() const {
    if (!evidence_) return {};
    const unhandled_counts& unhandled = result_.counts.unhandled;
    return {.id = session_id_,
            .started_ns = result_.started_ns,
            .ended_ns = now_ns(),
            .cpg_version = settings_.evidence->cpg_version,
            .source = settings_.evidence->source,
            .flows_ingested = result_.counts.flows,
            .flows_unhandled = std::accumulate(unhandled.begin(), unhandled.end(), std::uint64_t{0})};
}

void session::engine::on_written(bool last) {
    flushing_ = false;
    if (last)
        on(session_event::all_written);
    else if (last_flush_due_)
        flush(true);
}

}  // namespace cpg
