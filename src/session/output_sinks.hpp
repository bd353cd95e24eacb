// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The sinks of a session: what earlier runs knew of names, policy files, evidence; and all of them for one output
// directory.

#include <memory>
#include <optional>
#include <vector>

#include "base/activity.hpp"
#include "base/log.hpp"
#include "evidence/remembered_names.hpp"
#include "evidence/writer.hpp"
#include "session/flush_sink.hpp"
#include "session/locks.hpp"
#include "session/settings.hpp"

namespace cpg {

/// Gives addresses the names that they had in earlier runs, where the session knows none.
class name_sink final : public flush_sink {
  public:
    /// `watched` may be null.
    name_sink(const session_settings& settings, activity* watched);

    void write(flush_load& load) override;
    void count(sink_counts&) const override {}

    void write_each_once() override { each_once_ = true; }

  private:
    void add_to(flushed_workload& added);

    const std::filesystem::path folder_;
    const shard_settings shape_;
    activity* const watched_;
    std::optional<remembered_names> remembered_;
    bool each_once_ = false;
};

class policy_sink final : public flush_sink {
  public:
    policy_sink(const session_settings& settings, logger& log, activity* watched);

    void write(flush_load& load) override;
    void count(sink_counts& to) const override;
    void check_in_place(session_result& result) const override;

    void write_each_once() override { each_once_ = true; }
    void expect(const std::string&, const std::string& pod_namespace, const std::string& plain_name) override {
        writer_.expect(pod_namespace, plain_name);
    }

  private:
    const std::filesystem::path output_dir_;
    logger& log_;
    policy_writer writer_;
    bool each_once_ = false;
};

class evidence_sink final : public flush_sink {
  public:
    /// `settings` has some for evidence.
    evidence_sink(const session_settings& settings, logger& log, activity* watched);

    void write(flush_load& load) override;
    void count(sink_counts& to) const override;
    void check_in_place(session_result& result) const override;

    bool keeps_evidence() const override { return true; }
    void write_each_once() override { each_once_ = true; }

  private:
    logger& log_;
    const std::filesystem::path folder_;
    evidence_writer writer_;
    bool each_once_ = false;
};

/// All that a session writes for one output directory, which it holds until it is let go of.
class output_folder final : public flush_sink {
  public:
    /// Throws fatal_error where another process has the folder, or it can't be made.
    output_folder(const session_settings& settings, logger& log, activity* watched = nullptr);

    void write(flush_load& load) override;
    void count(sink_counts& to) const override;
    void check_in_place(session_result& result) const override;
    void let_go() override { locks_ = {}; }

    bool keeps_evidence() const override { return evidence_.has_value(); }
    void write_each_once() override;
    void expect(const std::string& cluster, const std::string& pod_namespace, const std::string& plain_name) override {
        policies_.expect(cluster, pod_namespace, plain_name);
    }

  private:
    folder_locks locks_;
    std::optional<name_sink> names_;
    policy_sink policies_;
    std::optional<evidence_sink> evidence_;
};

/// How the shards of a session make policies and evidence.
shard_settings shard_settings_of(const session_settings& settings);

}  // namespace cpg
