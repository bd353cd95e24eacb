// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From policies to files: gives each workload its name, merges, and writes only what changed; in a dry run shows the
// change instead. A failure concerns one policy: it is logged, remembered and never ends the session. One thread at a
// time (the writer strand).

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/activity.hpp"
#include "base/log.hpp"
#include "base/overlapped_calls.hpp"
#include "output/diff.hpp"
#include "output/policy_files.hpp"
#include "policy/merge.hpp"
#include "policy/policy.hpp"

namespace cpg {

struct writer_settings {
    std::filesystem::path output_dir;
    bool dry_run = false;
    bool no_default_deny = false;                ///< new policies only allow
    bool diff = true;                            ///< show the change in a dry run
    std::function<void(std::string_view)> show;  ///< where diffs go
    /// What stands above the diff of a file: comment lines, from its path and its text before and after.
    std::function<std::string(const std::string&, std::string_view, std::string_view)> preface;
    /// True when the cluster has a policy that allows all of this one.
    std::function<bool(const policy&)> in_cluster = [](const policy&) { return false; };
};

/// What became of a policy.
enum class write_status { written, unchanged, in_cluster, failed };

struct written_policy {
    std::string pod_namespace;
    selector endpoint_selector;
    std::string workload;  ///< the name that it was given; its plain one where that failed
    write_status status = write_status::failed;
};

class policy_writer {
  public:
    /// `watched` is told of the file that is at hand, by its path.
    policy_writer(writer_settings settings, logger& log, activity* watched = nullptr)
        : settings_(std::move(settings)),
          log_(log),
          watched_(watched),
          files_(settings_.output_dir),
          patch_root_(patch_root(settings_.output_dir)) {}

    /// Policies that are new or have grown since the last call, with the plain names of their workloads; those that
    /// failed in it are tried again. Returns one result each, and one for every policy that had to move to another
    /// name.
    std::vector<written_policy> write(std::vector<policy> policies);

    /// The same, where none of these workloads comes again: what is known of them is let go, so that memory goes by
    /// what is written at a time. Those that share a plain name come together.
    std::vector<written_policy> write_for_good(std::vector<policy> policies);
    /// A workload with this plain name will come: its name is taken.
    void expect(const std::string& pod_namespace, const std::string& workload) { groups_[{pod_namespace, workload}]; }

    /// Where the policy of a workload with this plain name is written, for messages.
    static std::filesystem::path plain_path(const std::filesystem::path& output_dir, const policy& of) {
        return output_dir / policy_files::path_of(of.pod_namespace, of.workload);
    }

    /// Counted by file, over the session.
    std::size_t written() const { return count(write_status::written); }
    std::size_t unchanged() const { return count(write_status::unchanged) + count(write_status::in_cluster); }
    std::size_t failed() const { return count(write_status::failed); }
    /// False when the output directory that was written to is no longer there.
    bool output_is_in_place() const { return files_.is_in_place(); }

  private:
    struct owner {
        policy wanted;  ///< `workload` is the name given, empty until there is one
        write_status status = write_status::failed;
        bool due = false;
        std::optional<std::string> left;  ///< a name that it had, whose file is not yet as it was before
    };
    // Workloads of one namespace whose selectors have the same plain name.
    struct namesakes {
        std::string pod_namespace;
        std::string plain;
        std::map<selector, owner> owners;
    };

    // A file that is being written while others are.
    struct unsettled {
        namesakes* group = nullptr;
        owner* who = nullptr;
        std::filesystem::path place;
        overlapped_call done;
        std::size_t place_in_report = 0;
    };

    struct known_merge {
        std::string base;
        policy wanted;
        merge_result result;
    };

    void add_wanted(policy added);
    void let_go(namesakes& group);
    void settle(std::vector<written_policy>& out);
    write_status settled(unsettled& write);
    void write_namesakes(namesakes& group, std::vector<written_policy>& out);
    void write_all(namesakes& group, const selector* first, std::vector<written_policy>& out);
    void write_as(owner& who, const std::string& name, bool is_free);
    void clear_left(const namesakes& group, owner& who);
    static void report(const namesakes& group, const selector& labels, std::vector<written_policy>& out);
    const selector* owner_of_plain_name(const namesakes& group);
    const merge_result& merged_into(const std::string& base, const policy& wanted);
    write_status write_one(const policy& wanted);
    write_status merge_and_put(const policy& wanted);
    write_status fail(const policy& wanted, std::string_view problem);
    void say_failed(const std::string& path, std::string_view problem);
    void write_file(const std::filesystem::path& place, std::string text);
    write_status put(const policy& wanted, const std::string* base, std::string text);
    std::filesystem::path place_of(const policy& wanted);
    name_check taken_names(const policy& wanted) const;
    void warn(const policy& wanted, std::string_view what);
    void warn_of_size(const policy& wanted, std::string_view text);
    std::size_t count(write_status status) const;

    const writer_settings settings_;
    logger& log_;
    activity* const watched_;
    policy_files files_;
    const std::filesystem::path patch_root_;
    using group_name = std::pair<std::string, std::string>;  ///< namespace and plain name

    std::map<group_name, namesakes> groups_;
    std::set<group_name> unfinished_;  ///< groups in which a policy has failed
    std::set<std::string> said_;
    overlapped_calls calls_;
    std::vector<unsettled> unsettled_;  ///< in the order of their groups
    namesakes* at_hand_ = nullptr;      ///< where it has one owner, whose file nobody waits for
    known_merge last_merge_;            ///< while one group of namesakes is written
};

}  // namespace cpg
