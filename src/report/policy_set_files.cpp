// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/policy_set_files.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "enforce/read_policies.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

bool is_policy_file(const fs::path& path) {
    const std::string extension = path.extension().string();
    return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

class collecting {
  public:
    void add(const std::string& argument) {
        std::error_code error;
        const fs::file_status status = fs::status(argument, error);
        if (!fs::exists(status))
            throw fatal_error("there is no " + argument + ": name a policy's file, or a folder of them");
        if (!fs::is_directory(status)) return add_file(argument);
        add_folder(argument);
    }

    policy_files_read read(std::vector<judged_policy> further) {
        policy_files_read out;
        std::vector<judged_policy> policies = std::move(further);
        for (const fs::path& each : files_) {
            try {
                read_one(each, policies);
                ++out.files;
            } catch (const yaml_error& error) {
                out.problems.push_back(each.string() + ": " + error.what());
            } catch (const file_error& error) {
                out.problems.push_back(error.what());
            }
        }
        std::ranges::copy(problems_, std::back_inserter(out.problems));
        out.policies = policy_set(std::move(policies));
        return out;
    }

  private:
    void add_file(const fs::path& path) {
        if (seen_.insert(path.lexically_normal().string()).second) files_.push_back(path.lexically_normal());
    }

    void add_folder(const fs::path& path, std::size_t depth = 0) {
        std::error_code error;
        std::vector<fs::path> entries;
        for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error))
            entries.push_back(at->path());
        if (error) return problems_.push_back(path.string() + " can't be read: " + error.message());
        std::ranges::sort(entries);
        for (const fs::path& each : entries) {
            if (each.filename().string().starts_with('.')) continue;
            const fs::file_status status = fs::symlink_status(each, error);
            if (fs::is_directory(status) && depth < limits::folder_depth)
                add_folder(each, depth + 1);
            else if (is_policy_file(each) && fs::is_regular_file(fs::status(each, error)))
                add_file(each);
        }
    }

    static void read_one(const fs::path& path, std::vector<judged_policy>& to) {
        const auto text = read_file(path, limits::policy_bytes);
        if (!text) throw file_error(path.string() + " is gone");
        const std::string folder = absolute_path(path).parent_path().filename().string();
        for (judged_policy& each : read_policies(
                 {.file = path.string(), .namespace_of_folder = is_dns_label(folder) ? folder : "", .text = *text}))
            to.push_back(std::move(each));
    }

    std::vector<fs::path> files_;
    std::set<std::string> seen_;
    std::vector<std::string> problems_;
};

}  // namespace

policy_files_read read_policy_files(std::span<const std::string> arguments, std::vector<judged_policy> further) {
    collecting all;
    for (const std::string& each : arguments)
        all.add(each);
    return all.read(std::move(further));
}

policy_files_read read_policy_files(std::span<const std::string> arguments) {
    policy_files_read out = read_policy_files(arguments, {});
    if (out.policies.all().empty() && out.problems.empty())
        throw fatal_error("no CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy or NetworkPolicy in " +
                          join(std::vector<std::string>(arguments.begin(), arguments.end()), ", "));
    return out;
}

std::vector<judged_policy> read_policy_text(const std::string& place, std::string_view text, logger& log) {
    try {
        return read_policies({.file = place, .namespace_of_folder = {}, .text = text});
    } catch (const yaml_error& error) {
        log.warn("a policy can't be read", {{"policy", place}, {"problem", error.what()}});
        return {};
    }
}

}  // namespace cpg
