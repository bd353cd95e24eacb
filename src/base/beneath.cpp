// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/beneath.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <vector>

#include "base/files.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40;  // as Linux has it: path_resolution(7)

std::optional<std::string> link_target(int in, const std::string& name, const fs::path& shown) {
    std::string target(4096, '\0');
    const ssize_t size = ::readlinkat(in, name.c_str(), target.data(), target.size());
    if (size < 0 && errno != EINVAL && errno != ENOENT) throw_file_error("looking at", shown, errno);
    if (size < 0) return std::nullopt;
    target.resize(static_cast<std::size_t>(size));
    return target;
}

bool is_below(const fs::path& path, const fs::path& folder) {
    return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

// From the root down, name by name: prod/api.yaml with prod -> ../shop is the steps "..", which leads out and is
// refused, and "shop".
class walk {
  public:
    walk(const open_root& root, const fs::path& below)
        : root_(root), below_(below), steps_(below.begin(), below.end()) {}

    std::optional<folder_entry> run(const mode_t* mode) {
        open_.push_back(open_folder(root_.folder.get(), ".", 0));
        if (!open_.back()) throw_file_error("opening", root_.path, errno);
        while (!steps_.empty()) {
            const std::string step = steps_.front().string();
            steps_.pop_front();
            if (step.empty() || step == ".") continue;
            if (step == "..")
                step_back();
            else if (const auto target = link_target(open_.back().get(), step, shown()))
                follow(*target);
            else if (steps_.empty())
                return folder_entry{std::move(open_.back()), step};
            else if (!step_into(step, mode))
                return std::nullopt;
        }
        throw_file_error("opening", shown(), EISDIR);
    }

  private:
    fs::path shown() const { return root_.path / below_; }

    [[noreturn]] void leads_out() const {
        throw file_error("opening " + shown().string() + ": a symbolic link leads out of " + root_.real_path.string());
    }

    void step_back() {
        if (open_.size() == 1) leads_out();
        open_.pop_back();
    }

    void follow(const fs::path& target) {
        if (++links_ > most_links) throw_file_error("opening", shown(), ELOOP);
        fs::path rest = target;
        if (target.is_absolute()) {
            rest = inside(target.lexically_normal());
            while (open_.size() > 1)
                open_.pop_back();
        }
        steps_.insert(steps_.begin(), rest.begin(), rest.end());
    }

    fs::path inside(const fs::path& target) const {
        for (const fs::path& root : {root_.real_path, absolute_path(root_.path).lexically_normal()})
            if (is_below(target, root)) return target.lexically_relative(root);
        leads_out();
    }

    bool step_into(const std::string& name, const mode_t* mode) {
        const int in = open_.back().get();
        descriptor next = open_folder(in, name, O_NOFOLLOW);
        if (!next && errno == ENOENT) {
            if (!mode) return false;
            if (::mkdirat(in, name.c_str(), *mode) != 0 && errno != EEXIST)
                throw_file_error("creating the folder of", shown(), errno);
            sync_folder(open_.back(), shown().parent_path());
            next = open_folder(in, name, O_NOFOLLOW);
        }
        if (!next) throw_file_error("opening the folder of", shown(), errno);
        open_.push_back(std::move(next));
        return true;
    }

    const open_root& root_;
    const fs::path& below_;
    std::deque<fs::path> steps_;
    std::vector<descriptor> open_;
    int links_ = 0;
};

}  // namespace

// To be synced a folder must be open for reading, which not every folder allows.
descriptor open_folder(int in, const std::string& name, int flags) {
    flags |= O_DIRECTORY | O_CLOEXEC;
    descriptor out(uninterrupted([&] { return ::openat(in, name.c_str(), flags | O_RDONLY); }));
    if (out || errno != EACCES) return out;
    return descriptor(uninterrupted([&] { return ::openat(in, name.c_str(), flags | O_PATH); }));
}

std::optional<folder_entry> find_beneath(const open_root& root, const fs::path& below, const mode_t* mode) {
    return walk(root, below).run(mode);
}

}  // namespace cpg
