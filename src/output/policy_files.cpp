// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/policy_files.hpp"

#include <algorithm>

#include "base/files.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

// More than an object in etcd can be by far.
constexpr std::size_t most_policy_bytes = 16u << 20;

bool is_below(const fs::path& path, const fs::path& folder) {
    return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

}  // namespace

fs::path policy_files::path_of(std::string_view pod_namespace, std::string_view workload) const {
    return output_dir_ / pod_namespace / (std::string(workload) + ".yaml");
}

const std::optional<std::string>& policy_files::base(const fs::path& path) {
    file& of = files_[path];
    of.disk = read_file(path, most_policy_bytes);
    if (!of.loaded || of.disk != of.ours) {
        of.base = of.disk;
        of.ours.reset();
    }
    of.loaded = true;
    if (!of.ours) of.ours = of.disk;
    return of.base;
}

const std::optional<std::string>& policy_files::on_disk(const fs::path& path) const {
    return files_.at(path).disk;
}

void policy_files::write(const fs::path& path, std::string text) {
    make_folders(path.parent_path());
    check_inside(path);
    replace_file(path, text);
    file& of = files_[path];
    of.disk = text;
    of.ours = std::move(text);
}

void policy_files::restore(const fs::path& path) {
    file& of = files_[path];
    if (of.base) return write(path, *of.base);
    fs::remove(path);
    of.disk.reset();
    of.ours.reset();
}

bool policy_files::wrote(const fs::path& path) const {
    const auto found = files_.find(path);
    return found != files_.end() && found->second.ours != found->second.base;
}

// A symbolic link in the output directory must not lead a policy out of it.
void policy_files::check_inside(const fs::path& path) const {
    const fs::path root = fs::canonical(output_dir_);
    const fs::path target = fs::exists(path) ? fs::canonical(path) : fs::canonical(path.parent_path());
    if (!is_below(target, root))
        throw file_error("writing " + path.string() + ": a symbolic link leads out of " + root.string());
}

}  // namespace cpg
