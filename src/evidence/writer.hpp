// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Keeps the evidence files in step with the policy files of one session: the same names, nothing for a policy that
// could not be written. Every write starts from what the file held before the session, so that flushes do not add up.
// What the session knows of a rule is not kept here: the caller has it and gives it again. A failure concerns one file:
// it is logged and counted, and never touches a policy. One thread at a time (the writer strand).

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/activity.hpp"
#include "base/folder.hpp"
#include "base/log.hpp"
#include "base/overlapped_calls.hpp"
#include "base/packed_text.hpp"
#include "evidence/document.hpp"
#include "evidence/file.hpp"
#include "evidence/known_pods.hpp"

namespace cpg {

struct evidence_settings {
    std::filesystem::path folder;      ///< of the output directory, see evidence_folder()
    std::filesystem::path output_dir;  ///< cleaned; empty: is not noted in the folder
    evidence_limits limits;
    std::string cpg_version;
    evidence_source source;
    bool required = false;  ///< a folder that can't be made ends the run
};

/// `2026-04-24T14:00:00Z-a1b2`: the start in whole seconds, and chance.
std::string new_session_id(std::int64_t started_ns);

/// The policy that a workload's evidence goes with, as it was given a name and written.
struct evidence_place {
    std::string pod_namespace;
    selector labels;
    std::string workload;  ///< the name that the policy was given
    bool policy_failed = false;
};

/// All that a session knows of one workload's rules so far.
struct workload_rules {
    std::string pod_namespace;
    selector labels;
    std::map<rule_key, rule_tally> rules;
};

class evidence_writer {
  public:
    /// `watched` is told of the file that is at hand, by its path.
    evidence_writer(evidence_settings settings, logger& log, activity* watched = nullptr)
        : settings_(std::move(settings)), log_(log), watched_(watched), folder_(settings_.folder, evidence_modes) {}

    /// Writes the evidence of these workloads, after their policies: `places` has what was written. `session` is
    /// the session so far.
    void write(std::span<const workload_rules> taken, std::span<const evidence_place> places,
               const evidence_session& session);
    /// Adds the pods that flows showed to those that are known, where some are new.
    void write(known_pods pods);
    /// A policy was given another name, or was written after all, and its evidence was not among what was taken: the
    /// next write wants all.
    bool lacks_rules() const;

    /// Forgets what the files held, of workloads that do not come again.
    void let_go() { bases_.clear(); }

    /// Files that are not as they should be.
    std::size_t failed() const { return failed_.size(); }
    /// False when the folder that was written to is no longer there.
    bool is_in_place() const { return folder_.is_in_place(); }

  private:
    struct workload {
        std::string pod_namespace;
        std::string name;             ///< given by the policy writer; empty before that
        std::filesystem::path wrote;  ///< the file that has its evidence, or empty
        std::filesystem::path left;   ///< of a name that it had: goes when the new one has the evidence
        bool policy_failed = false;
        bool lacks_rules = false;  ///< what was taken last is not in the file of its name
    };

    // What a file is to hold, and what it held where that was not known.
    struct new_text {
        std::string text;
        std::optional<packed_text> before;
    };

    // What a file held before the session.
    struct base_text {
        const std::optional<packed_text>* known = nullptr;  ///< null: it has not been read yet
        bool may_be_there = false;                          ///< there is a folder
    };

    // Reading, adding and printing are half of the work, and are done beside what makes the files.
    struct text_in_making {
        workload* of = nullptr;
        std::filesystem::path below;
        bool base_is_known = false;
        std::function<new_text()> make;
        std::shared_ptr<new_text> made;
        overlapped_call done;
    };

    // A whole file that has not taken its place yet.
    struct prepared {
        workload* of = nullptr;
        std::filesystem::path below;
        folder::successor file;
    };

    // None of them is open, but the folders are that they are in.
    static constexpr std::size_t most_prepared = 16'384;
    static constexpr std::size_t most_folders = 64;
    // Texts may be large.
    static constexpr std::size_t most_in_making = 4;

    void note_output_dir();
    void place(const evidence_place& place);
    void start_making(workload& workload, const std::map<rule_key, rule_tally>& rules, const evidence_session& session);
    new_text make_text(const workload& of, const std::map<rule_key, rule_tally>& rules, const evidence_session& session,
                       const base_text& base) const;
    void write_oldest();
    void prepare(text_in_making& each);
    void put_in_place();
    void clear_left(workload& workload);
    void report_failure(const std::filesystem::path& below, std::string_view problem);

    const evidence_settings settings_;
    logger& log_;
    activity* const watched_;
    folder folder_;  ///< all paths here are below it
    std::map<std::pair<std::string, selector>, workload> workloads_;
    std::map<std::filesystem::path, std::optional<packed_text>> bases_;  ///< nothing: there was no file
    std::set<std::filesystem::path> failed_;
    overlapped_calls calls_;
    std::deque<text_in_making> in_making_;
    std::vector<prepared> prepared_;
    std::size_t folders_ = 0;  ///< that they are in
    bool noted_output_dir_ = false;
    std::size_t noted_pods_ = 0;
};

}  // namespace cpg
