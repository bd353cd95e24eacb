// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/cluster_folders.hpp"

#include <utility>

#include "base/error.hpp"
#include "evidence/paths.hpp"
#include "session/result.hpp"

namespace cpg {

session_settings settings_of_cluster(session_settings whole, const std::string& cluster) {
    whole.writer.output_dir /= cluster;
    if (!whole.evidence) return whole;
    evidence_settings& evidence = *whole.evidence;
    evidence.output_dir = cleaned(whole.writer.output_dir);
    evidence.folder = evidence_folder(evidence.folder.parent_path(), evidence.output_dir);
    return whole;
}

std::filesystem::path output_dir_of(const session_settings& settings, const workload_key& key) {
    return settings.by_cluster ? settings.writer.output_dir / key.cluster : settings.writer.output_dir;
}

// The folder above them, too, is this session's: another one that begins is to hear of it at once.
cluster_folders::cluster_folders(const session_settings& settings, logger& log, activity* watched)
    : settings_(settings), log_(log), watched_(watched), locks_(lock_folders(settings, log)) {}

output_folder* cluster_folders::folder_of(const std::string& cluster) {
    const auto [at, is_new] = folders_.try_emplace(cluster);
    if (!is_new) return at->second.get();
    try {
        at->second = std::make_unique<output_folder>(settings_of_cluster(settings_, cluster), log_, watched_);
        if (each_once_) at->second->write_each_once();
    } catch (const fatal_error& error) {
        log_.error("nothing of this cluster is written", {{"cluster", cluster}, {"problem", error.what()}});
    }
    return at->second.get();
}

// Each folder hears of each flush: it may have something to try again.
void cluster_folders::write(flush_load& load) {
    std::map<std::string, std::vector<flushed_workload>> by_cluster;
    for (flushed_workload& each : load.workloads)
        if (folder_of(each.snapshot.key.cluster))
            by_cluster[each.snapshot.key.cluster].push_back(std::move(each));
        else
            failed_.insert(each.snapshot.key);
    for (const auto& [cluster, folder] : folders_) {
        if (!folder) continue;
        flush_load part{.scope = load.scope,
                        .workloads = std::move(by_cluster[cluster]),
                        .pods = load.pods,
                        .session = load.session,
                        .written = {}};
        folder->write(part);
    }
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
