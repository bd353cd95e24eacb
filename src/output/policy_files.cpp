// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/policy_files.hpp"

#include <algorithm>
#include <optional>

#include "base/files.hpp"
#include "policy/policy_text.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

bool is_below(const fs::path& path, const fs::path& folder) {
    return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

std::shared_ptr<const std::string> read(const fs::path& path) {
    std::optional<std::string> text = read_file(path, most_policy_bytes);
    return text ? std::make_shared<const std::string>(std::move(*text)) : nullptr;
}

bool is_yaml(const fs::path& path) {
    return path.extension() == ".yaml" || path.extension() == ".yml";
}

// The names of cpg's policies in a file that is not named after them. Files that name none are not parsed.
std::vector<std::string> names_in_file(const fs::path& path) {
    constexpr std::string_view prefix = "cpg-";
    std::vector<std::string> out;
    try {
        const auto text = read(path);
        if (!text || text->find(prefix) == std::string::npos) return out;
        for (const tree& document : parse_yaml(*text))
            if (const tree* const metadata = document.find("metadata");
                metadata && document.text_of("kind") == "CiliumNetworkPolicy")
                out.emplace_back(metadata->text_of("name"));
    } catch (const std::runtime_error&) {
        // What can't be read is no place to write to; it is reported when it is a workload's own file.
    }
    return out;
}

template <class Text>
bool is_same(const Text& a, const Text& b) {
    return a == b || (a && b && *a == *b);
}

}  // namespace

fs::path policy_files::path_of(std::string_view pod_namespace, std::string_view workload) const {
    return output_dir_ / pod_namespace / (std::string(workload) + ".yaml");
}

const policy_files::names& policy_files::names_in(const std::string& pod_namespace) {
    const auto [found, is_new] = folders_.try_emplace(pod_namespace);
    if (!is_new) return found->second;
    std::error_code none;
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(output_dir_ / pod_namespace, none))
        if (is_yaml(entry.path()) && entry.is_regular_file(none)) paths.push_back(entry.path());
    std::ranges::sort(paths);
    for (const fs::path& path : paths)
        for (std::string& name : names_in_file(path))
            if (name != "cpg-" + path.stem().string()) found->second.try_emplace(std::move(name), path);
    return found->second;
}

fs::path policy_files::place_of(const std::string& pod_namespace, const std::string& workload) {
    const fs::path own = path_of(pod_namespace, workload);
    const auto known = files_.find(own);
    std::error_code none;
    if (known != files_.end() ? known->second.disk != nullptr : fs::exists(own, none)) return own;
    const names& others = names_in(pod_namespace);
    const auto found = others.find("cpg-" + workload);
    return found == others.end() ? own : found->second;
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
    if (text.size() > most_policy_bytes)
        throw file_error("writing " + path.string() + ": the policy has " + std::to_string(text.size() >> 20) +
                         " MiB, more than the next run would read: leave out what is not wanted, with "
                         "--ignore-protocol or a narrower capture");
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
