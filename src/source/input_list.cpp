// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/input_list.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "base/limits.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

class listing {
  public:
    void argument(const std::string& path) {
        if (path == "-") return standard_input();
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0) throw fatal_error("cannot open " + path + ": " + std::strerror(errno));
        if (!S_ISDIR(status.st_mode)) return file(path, status);
        const std::size_t before = found_;
        folder(path, 0);
        if (found_ == before && out_.problems.empty())
            throw fatal_error("there is no file in the folder " + path +
                              "; capture flows with: hubble observe --verdict DROPPED --since 1h -o jsonpb > " + path +
                              "/capture.jsonl");
    }

    input_list take() {
        if (!has_end_) out_.bytes = 0;
        return std::move(out_);
    }

  private:
    void standard_input() {
        ++found_;
        has_end_ = false;
        if (!std::exchange(takes_standard_input_, true)) out_.inputs.push_back({.path = "-"});
    }

    // A file that is named twice, or by two links, is read once.
    void file(const std::string& path, const struct stat& status) {
        ++found_;
        const bool regular = S_ISREG(status.st_mode);
        if (regular && !seen_.emplace(status.st_dev, status.st_ino).second) return;
        if (out_.inputs.size() >= limits::capture_files)
            throw fatal_error("more than " + std::to_string(limits::capture_files) + " files to read");
        const auto bytes = regular ? static_cast<std::uint64_t>(status.st_size) : 0;
        has_end_ &= regular;
        out_.bytes += bytes;
        out_.inputs.push_back({.path = path, .bytes = bytes});
    }

    void folder(const fs::path& path, std::size_t depth) {
        std::error_code ec;
        std::vector<fs::path> names;
        for (fs::directory_iterator entry(path, ec); !ec && entry != fs::directory_iterator(); entry.increment(ec)) {
            names.push_back(entry->path());
            if (names.size() > limits::capture_files) break;
        }
        if (ec) return out_.problems.push_back("cannot read the folder " + path.string() + ": " + ec.message());
        if (depth > limits::folder_depth)
            return out_.problems.push_back("the folder " + path.string() + " is nested too deep to be read");
        std::ranges::sort(names);
        for (const fs::path& name : names)
            below(name, depth);
    }

    void below(const fs::path& path, std::size_t depth) {
        struct stat status {};
        struct stat itself {};
        if (::stat(path.c_str(), &status) != 0 || ::lstat(path.c_str(), &itself) != 0) return;
        if (S_ISREG(status.st_mode)) return file(path.string(), status);
        if (S_ISDIR(itself.st_mode)) folder(path, depth + 1);
    }

    input_list out_;
    std::set<std::pair<dev_t, ino_t>> seen_;
    std::size_t found_ = 0;
    bool has_end_ = true;
    bool takes_standard_input_ = false;
};

}  // namespace

input_list list_inputs(std::span<const std::string> arguments) {
    listing out;
    for (const std::string& path : arguments)
        out.argument(path);
    return out.take();
}

}  // namespace cpg
