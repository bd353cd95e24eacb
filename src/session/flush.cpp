// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Flushes: what the shards have added up goes to the writer strand, now and then and at the end.
#include <algorithm>
#include <asio/post.hpp>
#include <numeric>
#include <utility>

#include "base/timestamp.hpp"
#include "evidence/paths.hpp"
#include "session/engine.hpp"
#include "session/written.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;

// Evidence is for people who ask later: it is written this often, and at the end. A policy that has grown is written at
// every flush.
constexpr auto evidence_interval = 30s;

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
    else if (settings_.writer.dry_run || settings_.only_sums)
        notices_.on_flush(result_.counts.unhandled);
    else
        flush(false);
}

flush_scope session::engine::scope_of_flush(bool last) {
    if (!evidence_) return flush_scope::new_rules;
    if (last || written_.evidence_lacks_rules) return flush_scope::everything;
    const auto now = std::chrono::steady_clock::now();
    if (now - evidence_taken_at_ < evidence_interval) return flush_scope::new_rules;
    evidence_taken_at_ = now;
    return written_.evidence_failed ? flush_scope::everything : flush_scope::any_change;
}

void session::engine::flush(bool last) {
    flushing_ = true;
    notices_.on_flush(result_.counts.unhandled);
    const flush_scope scope = scope_of_flush(last);
    shards_.flush(scope, [this, scope, last](std::vector<flushed_workload> taken, flush_totals totals) {
        workloads_ = totals.workloads;
        if (totals.too_many_workloads) notices_.on_too_many_workloads();
        for (const flushed_workload& each : taken)
            notices_.on_workload(each.snapshot);
        for (const flushed_workload& each : taken)
            if (each.grown && each.grown->too_many_names > 0) notices_.on_too_many_names(*each.grown);
        for (const flushed_workload& each : taken)
            if (each.grown && result_.workloads.size() < most_workloads_named)
                result_.workloads.insert(each.grown->pod_namespace + "/" + each.grown->workload);
        asio::post(writer_strand_, [this, scope, last, taken = std::move(taken), so_far = session_so_far()]() mutable {
            write(std::move(taken), scope, so_far);
            asio::post(strand_, [this, last, done = written_so_far()] { on_written(done, last); });
        });
    });
}

void session::engine::write(std::vector<flushed_workload> taken, flush_scope scope, const evidence_session& so_far) {
    std::vector<policy> policies;
    std::vector<workload_rules> rules;
    for (flushed_workload& each : taken) {
        remember_names(each);
        workload_key& key = each.snapshot.key;
        if (evidence_ && scope != flush_scope::new_rules)
            rules.push_back({std::move(key.pod_namespace), std::move(key.selector), std::move(each.snapshot.rules)});
        if (each.grown) policies.push_back(std::move(*each.grown));
    }
    const std::vector<written_policy> written = writer_.write(std::move(policies));
    if (!evidence_) return;
    evidence_->write(rules, evidence_places(written), so_far);
    if (scope == flush_scope::everything) evidence_->write(pods());
}

void session::engine::remember_names(flushed_workload& of) {
    const workload_snapshot& taken = of.snapshot;
    const auto is_address = [](const auto& rule) { return rule.first.peer.kind == peer_kind::cidr; };
    if (!remembered_ || std::ranges::none_of(taken.rules, is_address)) return;
    writing_.set(evidence_path(settings_.evidence->folder, taken.key.pod_namespace, taken.name).string());
    add_names(of, remembered_->of(taken.key.pod_namespace, taken.name), shards_.settings());
    writing_.end();
}

session::engine::progress session::engine::written_so_far() const {
    return {.policies = writer_.written(),
            .evidence_lacks_rules = evidence_ && evidence_->lacks_rules(),
            .evidence_failed = evidence_ && evidence_->failed() > 0};
}

known_pods session::engine::pods() const {
    known_pods out;
    for (const label_set* each : labels_.all())
        if (each->reserved == reserved_identity::none && !each->pod_namespace.empty())
            out.insert({.pod_namespace = each->pod_namespace, .cluster = each->cluster, .labels = pod_labels(*each)});
    return out;
}

void session::engine::start_evidence() {
    if (settings_.evidence && settings_.gates.fqdn) remembered_.emplace(settings_.evidence->folder);
    if (!settings_.evidence || settings_.writer.dry_run || !locks_.evidence) return;
    evidence_.emplace(*settings_.evidence, log_, &writing_);
    session_id_ = new_session_id(result_.started_ns);
    evidence_taken_at_ = started_;
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

void session::engine::on_written(progress so_far, bool last) {
    written_ = so_far;
    flushing_ = false;
    if (last)
        on(session_event::all_written);
    else if (last_flush_due_)
        flush(true);
}

}  // namespace cpg
