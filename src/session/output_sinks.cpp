// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/output_sinks.hpp"

#include <algorithm>
#include <utility>

#include "evidence/paths.hpp"
#include "session/result.hpp"

namespace cpg {

namespace {

// Where the evidence of these policies goes.
std::vector<evidence_place> evidence_places(const std::vector<written_policy>& written) {
    std::vector<evidence_place> out;
    for (const written_policy& each : written)
        out.push_back({.pod_namespace = each.pod_namespace,
                       .labels = each.endpoint_selector,
                       .workload = each.workload,
                       .policy_failed = each.status == write_status::failed});
    return out;
}

bool has_addresses(const workload_snapshot& workload) {
    return std::ranges::any_of(workload.rules,
                               [](const auto& rule) { return rule.first.peer.kind == peer_kind::cidr; });
}

}  // namespace

void take_over(const sink_counts& files, session_result& result) {
    result.policies_written = files.policies_written;
    result.policies_unchanged = files.policies_unchanged;
    result.policies_failed = files.policies_failed;
    result.evidence_failed = files.evidence_failed;
}

shard_settings shard_settings_of(const session_settings& settings) {
    return {.samples = settings.samples,
            .least_l7_flows = settings.least_l7_flows,
            // Where names that are remembered from before may be added to them.
            .keep_rules = settings.evidence && settings.gates.fqdn,
            .by_cluster = settings.by_cluster,
            .shape = settings.shape};
}

name_sink::name_sink(const session_settings& settings, activity* watched)
    : folder_(settings.evidence->folder), shape_(shard_settings_of(settings)), watched_(watched) {}

void name_sink::write(flush_load& load) {
    if (!remembered_ || each_once_) remembered_.emplace(folder_);
    for (flushed_workload& each : load.workloads)
        if (has_addresses(each.snapshot)) add_to(each);
}

void name_sink::add_to(flushed_workload& added) {
    const workload_snapshot& taken = added.snapshot;
    if (watched_) watched_->set(evidence_path(folder_, taken.key.pod_namespace, taken.name).string());
    add_names(added, remembered_->of(taken.key.pod_namespace, taken.name), shape_);
    if (watched_) watched_->end();
}

policy_sink::policy_sink(const session_settings& settings, logger& log, activity* watched)
    : output_dir_(settings.writer.output_dir), log_(log), writer_(settings.writer, log, watched) {}

void policy_sink::write(flush_load& load) {
    std::vector<policy> policies;
    for (flushed_workload& each : load.workloads)
        if (each.grown) policies.push_back(std::move(*each.grown));
    load.written = each_once_ ? writer_.write_for_good(std::move(policies)) : writer_.write(std::move(policies));
}

void policy_sink::count(sink_counts& to) const {
    to.policies_written += writer_.written();
    to.policies_unchanged += writer_.unchanged();
    to.policies_failed += writer_.failed();
}

void policy_sink::check_in_place(session_result& result) const {
    if (writer_.output_is_in_place()) return;
    result.policies_failed += writer_.written();
    result.policies_written -= writer_.written();
    if (result.problem.empty())
        result.problem = "the output directory was removed, or another put in its place, while cpg ran";
    log_.error("the output directory was removed, or another put in its place, while cpg ran: run cpg again",
               {{"output_dir", output_dir_.string()}});
}

evidence_sink::evidence_sink(const session_settings& settings, logger& log, activity* watched)
    : log_(log), folder_(settings.evidence->folder), writer_(*settings.evidence, log, watched) {}

void evidence_sink::write(flush_load& load) {
    std::vector<workload_rules> rules;
    if (load.scope != flush_scope::new_rules)
        for (flushed_workload& each : load.workloads)
            rules.push_back({.pod_namespace = std::move(each.snapshot.key.pod_namespace),
                             .labels = std::move(each.snapshot.key.selector),
                             .rules = std::move(each.snapshot.rules)});
    writer_.write(rules, evidence_places(load.written), load.session);
    if (!load.pods.empty()) writer_.write(std::move(load.pods));
    if (each_once_) writer_.let_go();
}

void evidence_sink::count(sink_counts& to) const {
    to.evidence_failed += writer_.failed();
    to.evidence_lacks_rules |= writer_.lacks_rules();
}

void evidence_sink::check_in_place(session_result& result) const {
    if (writer_.is_in_place()) return;
    ++result.evidence_failed;
    log_.error("the folder of the evidence was removed, or another put in its place, while cpg ran",
               {{"evidence_dir", folder_.string()}});
}

output_folder::output_folder(const session_settings& settings, logger& log, activity* watched)
    : locks_(lock_folders(settings, log)), policies_(settings, log, watched) {
    if (settings.evidence && settings.gates.fqdn) names_.emplace(settings, watched);
    if (locks_.evidence) evidence_.emplace(settings, log, watched);
}

void output_folder::write(flush_load& load) {
    if (names_) names_->write(load);
    policies_.write(load);
    if (evidence_) evidence_->write(load);
}

void output_folder::count(sink_counts& to) const {
    policies_.count(to);
    if (evidence_) evidence_->count(to);
}

void output_folder::check_in_place(session_result& result) const {
    policies_.check_in_place(result);
    if (evidence_) evidence_->check_in_place(result);
}

void output_folder::write_each_once() {
    if (names_) names_->write_each_once();
    policies_.write_each_once();
    if (evidence_) evidence_->write_each_once();
}

}  // namespace cpg
