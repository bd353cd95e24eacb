// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The policy files below the output directory: what each held before this session, and what the session made of it.
// Every write starts from that base, so many flushes leave what one flush would. The only place that touches policy
// files; one thread at a time (the writer strand).

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/folder.hpp"

namespace cpg {

class policy_files {
  public:
    explicit policy_files(std::filesystem::path output_dir) : folder_(std::move(output_dir)) {}

    /// `<namespace>/<workload>.yaml`: all paths here are below the output directory. Both are names that have been
    /// checked.
    static std::filesystem::path path_of(std::string_view pod_namespace, std::string_view workload);
    /// With the output directory, for messages.
    std::filesystem::path shown(const std::filesystem::path& path) const { return folder_.shown(path); }
    /// False when the output directory that was written to is no longer there.
    bool is_in_place() const { return folder_.is_in_place(); }

    /// Where the policy of this workload stands: in the file of its name, or, where there is none, in whatever file of
    /// the namespace's folder has a policy named `cpg-<workload>`. Throws file_error.
    std::filesystem::path place_of(const std::string& pod_namespace, const std::string& workload);

    /// What the file held before this session, or what a person has made of it since; null for no file. Throws
    /// file_error.
    const std::string* base(const std::filesystem::path& path);
    /// What is on disk now, as of the last base(); null for no file.
    const std::string* on_disk(const std::filesystem::path& path) const;
    /// Replaces the file. Throws file_changed when it is no longer what base() read, and file_error, also when the path
    /// leads out of the output directory.
    void write(const std::filesystem::path& path, std::string text);
    /// The same in two halves: the call that start_write() gives writes, on any thread and beside others, and throws;
    /// wrote_all() follows where it did not.
    std::function<void()> start_write(const std::filesystem::path& path, std::string text);
    void wrote_all(const std::filesystem::path& path);
    /// Gives the file back its base, for a workload that moved to another name, unless a person has changed it since.
    /// Throws file_error.
    void restore(const std::filesystem::path& path);
    bool wrote(const std::filesystem::path& path) const;
    /// Forgets what is known of the file; nobody asks for it again.
    void let_go(const std::filesystem::path& path) { files_.erase(path); }
    /// Whether this workload's own path is in use. Throws file_error.
    bool has(const std::string& pod_namespace, const std::string& workload) const {
        return folder_.has(path_of(pod_namespace, workload));
    }

  private:
    using shared_text = std::shared_ptr<const std::string>;  ///< null for no file
    // Mostly one and the same text, which is kept once.
    struct file {
        shared_text base;
        shared_text disk;
        shared_text ours;  ///< what this session wrote last
        shared_text next;  ///< what is being written
        bool loaded = false;
    };

    using names = std::map<std::string, std::filesystem::path, std::less<>>;  ///< of policies, and their files

    shared_text read(const std::filesystem::path& path) const;
    std::vector<std::string> policy_names_in(const std::filesystem::path& path) const;
    const names& names_in(const std::string& pod_namespace);

    folder folder_;
    std::map<std::filesystem::path, file> files_;
    std::map<std::string, names> folders_;  ///< by namespace, as they were when first asked for
};

}  // namespace cpg
