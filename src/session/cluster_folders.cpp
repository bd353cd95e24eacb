// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/cluster_folders.hpp"

#include <algorithm>
#include <utility>

#include "base/descriptor_limit.hpp"
#include "base/error.hpp"
#include "base/limits.hpp"
#include "evidence/paths.hpp"
#include "session/result.hpp"

namespace cpg {

namespace {

// Of a cluster: two locks, the folder of its policies and that of their evidence.
constexpr std::size_t descriptors_of_each = 4;
constexpr std::size_t descriptors_for_others = 256;

std::size_t most_clusters() {
    const std::size_t all = raise_descriptor_limit();
    return all < descriptors_for_others
               ? 1
               : std::min(limits::clusters, (all - descriptors_for_others) / descriptors_of_each);
}

}  // namespace

session_settings settings_of_cluster(session_settings whole, const std::string& cluster) {
    whole.writer.output_dir = output_dir_of(whole, cluster);
    if (!whole.evidence) return whole;
    evidence_settings& evidence = *whole.evidence;
    evidence.output_dir = cleaned(whole.writer.output_dir);
    evidence.folder = evidence_folder(evidence.folder.parent_path(), evidence.output_dir);
    return whole;
}

std::filesystem::path output_dir_of(const session_settings& settings, std::string_view cluster) {
    const std::filesystem::path& folder = settings.writer.output_dir;
    return settings.by_cluster ? folder / cluster_name(cluster) : folder;
}

// The folder above them, too, is this session's: another one that begins is to hear of it at once.
cluster_folders::cluster_folders(const session_settings& settings, logger& log, activity* watched)
    : settings_(settings), log_(log), watched_(watched), most_(most_clusters()), locks_(lock_folders(settings, log)) {}

output_folder* cluster_folders::folder_of(const std::string& cluster) {
    if (const auto known = folders_.find(cluster); known != folders_.end()) return known->second.get();
    if (folders_.size() >= most_) {
        if (!std::exchange(said_too_many_, true))
            log_.error("more clusters than can be kept apart: nothing of the others is written", {{"limit", most_}});
        return nullptr;
    }
    auto& made = folders_[cluster];
    try {
        made = std::make_unique<output_folder>(settings_of_cluster(settings_, cluster), log_, watched_);
        if (each_once_) made->write_each_once();
    } catch (const fatal_error& error) {
        log_.error("nothing of this cluster is written", {{"cluster", cluster}, {"problem", error.what()}});
    }
    return made.get();
}

// Each folder hears of each flush: it may have something to try again. One cluster is written before the next begins.
void cluster_folders::write(flush_load& load) {
    std::map<std::string, std::vector<flushed_workload>> by_cluster;
    for (const auto& [cluster, folder] : folders_)
        by_cluster[cluster];
    for (flushed_workload& each : load.workloads)
        by_cluster[each.snapshot.key.cluster].push_back(std::move(each));
    for (auto& [cluster, workloads] : by_cluster)
        write_to(cluster, std::move(workloads), load);
}

void cluster_folders::write_to(const std::string& cluster, std::vector<flushed_workload> workloads,
                               const flush_load& load) {
    output_folder* const folder = folder_of(cluster);
    if (!folder) {
        for (flushed_workload& each : workloads)
            failed_.insert(std::move(each.snapshot.key));
        return;
    }
    flush_load part{.scope = load.scope,
                    .workloads = std::move(workloads),
                    .pods = load.pods,
                    .session = load.session,
                    .written = {}};
    folder->write(part);
}

void cluster_folders::count(sink_counts& to) const {
    for (const auto& [cluster, folder] : folders_)
        if (folder) folder->count(to);
    to.policies_failed += failed_.size();
}

void cluster_folders::check_in_place(session_result& result) const {
    for (const auto& [cluster, folder] : folders_)
        if (folder) folder->check_in_place(result);
}

void cluster_folders::let_go() {
    for (const auto& [cluster, folder] : folders_)
        if (folder) folder->let_go();
    locks_ = {};
}

void cluster_folders::expect(const std::string& cluster, const std::string& pod_namespace,
                             const std::string& plain_name) {
    if (output_folder* const folder = folder_of(cluster)) folder->expect(cluster, pod_namespace, plain_name);
}

std::unique_ptr<flush_sink> make_sink(const session_settings& settings, logger& log, activity* watched) {
    if (settings.by_cluster) return std::make_unique<cluster_folders>(settings, log, watched);
    return std::make_unique<output_folder>(settings, log, watched);
}

}  // namespace cpg
