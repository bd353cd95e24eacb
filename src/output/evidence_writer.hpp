// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Keeps the evidence files in step with the policy files of one session: the same names, nothing for a policy that
// could not be written. Every write starts from what the file held before the session, so that flushes do not add up.
// A failure concerns one file: it is logged and counted, and never touches a policy. One thread at a time (the writer
// strand).

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "output/evidence.hpp"
#include "output/policy_writer.hpp"

namespace cpg {

struct evidence_settings {
    std::filesystem::path folder;  ///< of the output directory, see evidence_folder()
    evidence_limits limits;
    std::string cpg_version;
    evidence_source source;
    bool required = false;  ///< a folder that can't be made ends the run
};

/// `2026-04-24T14:00:00Z-a1b2`: the start in whole seconds, and chance.
std::string new_session_id(std::int64_t started_ns);

class evidence_writer {
  public:
    using clock = std::chrono::steady_clock;
    /// Evidence of which only counts and times changed is not written more often; at the end it always is.
    static constexpr auto counts_interval = std::chrono::seconds(30);

    evidence_writer(evidence_settings settings, logger& log) : settings_(std::move(settings)), log_(log) {}

    /// All that the session knows of a workload's rules so far.
    void take(const std::string& pod_namespace, const selector& labels, std::map<rule_key, rule_evidence> rules);
    /// Writes what is due, after the policies: `results` are the policy writer's. `session` is the session so far; with
    /// `last` every file of the session gets it.
    void write(const std::vector<written_policy>& results, const evidence_session& session, bool last,
               clock::time_point now);

    /// Files that are not as they should be.
    std::size_t failed() const { return failed_.size(); }

  private:
    struct workload {
        std::map<rule_key, rule_evidence> rules;  ///< of this session
        std::string pod_namespace;
        std::string name;             ///< given by the policy writer; empty before that
        std::filesystem::path wrote;  ///< the file that has its evidence, or empty
        bool policy_failed = false;
        bool due = false;
        clock::time_point written_at{};
    };

    void settle(const written_policy& result);
    bool is_due(const workload& of, bool last, clock::time_point now) const;
    void write_one(workload& of, const evidence_session& session);
    const std::optional<evidence>& base(const std::filesystem::path& path);
    void restore(workload& of);
    void report_failure(const std::filesystem::path& path, std::string_view problem);

    const evidence_settings settings_;
    logger& log_;
    std::map<std::pair<std::string, selector>, workload> workloads_;
    std::map<std::filesystem::path, std::optional<evidence>> bases_;
    std::set<std::filesystem::path> failed_;
};

}  // namespace cpg
