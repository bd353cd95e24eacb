// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/policy_files.hpp"

#include <cerrno>
#include <optional>

#include "policy/document.hpp"
#include "policy/policy_text.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

bool is_yaml(const fs::path& path) {
    return path.extension() == ".yaml" || path.extension() == ".yml";
}

template <class Text>
bool is_same(const Text& a, const Text& b) {
    return a == b || (a && b && *a == *b);
}

}  // namespace

fs::path policy_files::path_of(std::string_view pod_namespace, std::string_view workload) {
    return fs::path(pod_namespace) / (std::string(workload) + ".yaml");
}

policy_files::shared_text policy_files::read(const fs::path& path) const {
    std::optional<std::string> text = folder_.read(path, most_policy_bytes);
    return text ? std::make_shared<const std::string>(std::move(*text)) : nullptr;
}

// The names of cpg's policies in a file that is not named after them. Files that name none are not parsed.
std::vector<std::string> policy_files::policy_names_in(const fs::path& path) const {
    std::vector<std::string> out;
    try {
        const shared_text text = read(path);
        if (!text || text->find(policy_name_prefix) == std::string::npos) return out;
        for (const tree& document : parse_yaml(*text))
            if (document.text_of("kind") == "CiliumNetworkPolicy") out.emplace_back(policy_document(document).name());
    } catch (const file_error& error) {
        // A file that the system does not give must not look like one without policies: the next flush tries again.
        if (error.code() != 0 && error.code() != EFBIG) throw;
    } catch (const std::runtime_error&) {
        // What can't be read is no place to write to; it is reported when it is a workload's own file.
    }
    return out;
}

const policy_files::names& policy_files::names_in(const std::string& pod_namespace) {
    if (const auto known = folders_.find(pod_namespace); known != folders_.end()) return known->second;
    names found;
    for (const std::string& each : folder_.names_in(pod_namespace)) {
        const fs::path path = fs::path(pod_namespace) / each;
        if (!is_yaml(path)) continue;
        for (std::string& name : policy_names_in(path))
            if (name != "cpg-" + path.stem().string()) found.try_emplace(std::move(name), path);
    }
    return folders_.emplace(pod_namespace, std::move(found)).first->second;
}

fs::path policy_files::place_of(const std::string& pod_namespace, const std::string& workload) {
    fs::path own = path_of(pod_namespace, workload);
    const auto known = files_.find(own);
    if (known != files_.end() ? known->second.disk != nullptr : folder_.has(own)) return own;
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
    start_write(path, std::move(text))();
    wrote_all(path);
}

std::function<void()> policy_files::start_write(const fs::path& path, std::string text) {
    if (text.size() > most_policy_bytes)
        throw file_error("writing " + shown(path).string() + ": the policy has " + std::to_string(text.size() >> 20) +
                         " MiB, more than the next run would read: leave out what is not wanted, with "
                         "--ignore-protocol or a narrower capture");
    folder_.make();
    file& file = files_[path];
    file.next = std::make_shared<const std::string>(std::move(text));
    return [this, path, next = file.next, known = file.disk] { folder_.replace_known(path, *next, known.get()); };
}

void policy_files::wrote_all(const fs::path& path) {
    file& file = files_.at(path);
    file.disk = file.ours = std::exchange(file.next, nullptr);
}

void policy_files::restore(const fs::path& path) {
    file& file = files_[path];
    shared_text now = read(path);
    if (!is_same(now, file.ours)) {
        // By now it is a person's.
        file.base = file.disk = file.ours = std::move(now);
        return;
    }
    if (file.base) return write(path, *file.base);
    folder_.remove(path);
    file.disk.reset();
    file.ours.reset();
}

bool policy_files::wrote(const fs::path& path) const {
    const auto found = files_.find(path);
    return found != files_.end() && !is_same(found->second.ours, found->second.base);
}

}  // namespace cpg
