// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/policy_files.hpp"

#include <algorithm>
#include <optional>

#include "base/files.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

// More than an object in etcd can be by far.
constexpr std::size_t most_policy_bytes = 16u << 20;

bool is_below(const fs::path& path, const fs::path& folder) {
    return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

std::shared_ptr<const std::string> read(const fs::path& path) {
    std::optional<std::string> text = read_file(path, most_policy_bytes);
    return text ? std::make_shared<const std::string>(std::move(*text)) : nullptr;
}

template <class Text>
bool is_same(const Text& a, const Text& b) {
    return a == b || (a && b && *a == *b);
}

}  // namespace

fs::path policy_files::path_of(std::string_view pod_namespace, std::string_view workload) const {
    return output_dir_ / pod_namespace / (std::string(workload) + ".yaml");
}

const std::string* policy_files::base(const fs::path& path) {
    file& file = files_[path];
    shared_text disk = read(path);
    file.disk = is_same(disk, file.ours) ? file.ours : std::move(disk);
    if (!file.loaded || file.disk != file.ours) file.base = file.ours = file.disk;
    file.loaded = true;
    return file.base.get();
}

const std::string* policy_files::on_disk(const fs::path& path) const {
    return files_.at(path).disk.get();
}

void policy_files::write(const fs::path& path, std::string text) {
    make_folders(path.parent_path());
    check_inside(path);
    replace_file(path, text);
    file& file = files_[path];
    file.disk = file.ours = std::make_shared<const std::string>(std::move(text));
}

void policy_files::restore(const fs::path& path) {
    file& file = files_[path];
    if (file.base) return write(path, *file.base);
    fs::remove(path);
    file.disk.reset();
    file.ours.reset();
}

bool policy_files::wrote(const fs::path& path) const {
    const auto found = files_.find(path);
    return found != files_.end() && !is_same(found->second.ours, found->second.base);
}

// A symbolic link in the output directory must not lead a policy out of it.
void policy_files::check_inside(const fs::path& path) const {
    const fs::path root = fs::canonical(output_dir_);
    const fs::path target = fs::exists(path) ? fs::canonical(path) : fs::canonical(path.parent_path());
    if (!is_below(target, root))
        throw file_error("writing " + path.string() + ": a symbolic link leads out of " + root.string());
}

}  // namespace cpg
