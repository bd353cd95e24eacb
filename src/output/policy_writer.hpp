// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From policies to files: gives each workload its name, merges, and writes only what changed; in a dry run shows the
// change instead. A failure concerns one policy: it is logged, remembered and never ends the session. One thread at a
// time (the writer strand).

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "output/policy_files.hpp"
#include "policy/merge.hpp"
#include "policy/policy.hpp"

namespace cpg {

struct writer_settings {
    std::filesystem::path output_dir;
    bool dry_run = false;
    bool diff = true;                            ///< show the change in a dry run
    std::function<void(std::string_view)> show;  ///< where diffs go
    /// True when the cluster has a policy that allows all of this one.
    std::function<bool(const policy&)> in_cluster = [](const policy&) { return false; };
};

/// What became of a policy.
enum class write_status { written, unchanged, in_cluster, failed };

struct written_policy {
    std::string pod_namespace;
    selector endpoint_selector;
    std::string workload;  ///< the name that it was given
    write_status status = write_status::failed;
};

class policy_writer {
  public:
    policy_writer(writer_settings settings, logger& log)
        : settings_(std::move(settings)), log_(log), files_(settings_.output_dir) {}

    /// Policies that are new or have grown since the last call, with the plain names of their workloads. Returns one
    /// result each, and one for every policy that had to move to another name.
    std::vector<written_policy> write(std::vector<policy> policies);

    /// Counted by file, over the session.
    std::size_t written() const { return count(write_status::written); }
    std::size_t unchanged() const { return count(write_status::unchanged) + count(write_status::in_cluster); }
    std::size_t failed() const { return count(write_status::failed); }

  private:
    struct owner {
        policy wanted;  ///< `workload` is the name given, empty until there is one
        write_status status = write_status::failed;
        bool due = false;
    };
    // Workloads of one namespace whose selectors have the same plain name.
    struct namesakes {
        std::string pod_namespace;
        std::string plain;
        std::map<selector, owner> owners;
    };

    struct known_merge {
        const std::string* base = nullptr;
        policy wanted;
        merge_result result;
    };

    void add_wanted(policy added);
    void write_namesakes(namesakes& group, std::vector<written_policy>& out);
    const selector* owner_of_plain_name(const namesakes& group);
    void give_name(owner& to, const std::string& name);
    const merge_result& merged_into(const std::string& base, const policy& wanted);
    write_status write_one(const policy& wanted);
    write_status put(const policy& wanted, const std::string* base, std::string text);
    std::filesystem::path place_of(const policy& wanted);
    name_check taken_names(const policy& wanted) const;
    void warn(const policy& wanted, std::string_view what);
    void warn_of_size(const policy& wanted, std::string_view text);
    void report_failure(const policy& wanted, std::string_view problem);
    std::size_t count(write_status status) const;

    const writer_settings settings_;
    logger& log_;
    policy_files files_;
    std::map<std::pair<std::string, std::string>, namesakes> groups_;
    std::set<std::string> warned_;
    known_merge last_merge_;  ///< while one group of namesakes is written
};

}  // namespace cpg
