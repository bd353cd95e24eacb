// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A folder a cluster: what a session writes of each is what a session of its own with that output directory would
// write. One thread at a time, as flush_sink says.

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/activity.hpp"
#include "base/log.hpp"
#include "session/flush_sink.hpp"
#include "session/locks.hpp"
#include "session/output_sinks.hpp"
#include "session/settings.hpp"

namespace cpg {

/// The settings for one cluster's own folder, below that of the session.
session_settings settings_of_cluster(session_settings whole, const std::string& cluster);

/// Where the policies of this cluster's pods go; empty: of one that was told no name.
std::filesystem::path output_dir_of(const session_settings& settings, std::string_view cluster);

class cluster_folders final : public flush_sink {
  public:
    /// Throws fatal_error where another process has the output directory, or it can't be made.
    cluster_folders(const session_settings& settings, logger& log, activity* watched);

    void write(flush_load& load) override;
    void count(sink_counts& to) const override;
    void check_in_place(session_result& result) const override;
    void let_go() override;
    void write_each_once() override { each_once_ = true; }
    void expect(const std::string& cluster, const std::string& pod_namespace, const std::string& plain_name) override;
    bool keeps_evidence() const override { return locks_.evidence != nullptr; }

  private:
    output_folder* folder_of(const std::string& cluster);
    void write_to(const std::string& cluster, std::vector<flushed_workload> workloads, const flush_load& load);

    const session_settings settings_;
    logger& log_;
    activity* const watched_;
    const std::size_t most_;  ///< clusters, each of which holds files open
    folder_locks locks_;
    std::map<std::string, std::unique_ptr<output_folder>> folders_;  ///< by cluster; null: can't be had
    std::set<workload_key> failed_;                                  ///< of clusters whose folder can't be had
    bool said_too_many_ = false;
    bool each_once_ = false;
};

/// The sink for all that a session writes. Throws fatal_error.
std::unique_ptr<flush_sink> make_sink(const session_settings& settings, logger& log, activity* watched = nullptr);

}  // namespace cpg
