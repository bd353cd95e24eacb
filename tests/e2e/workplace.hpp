// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A fresh folder in which one case runs cpg, with its own cache folder, and what the run left there. One thread.

#include <map>
#include <string>
#include <vector>

#include "support/data.hpp"
#include "support/flow_line.hpp"
#include "support/run_cpg.hpp"

namespace cpg::test {

class workplace {
  public:
    std::filesystem::path path() const { return dir_.path() / "work"; }
    std::filesystem::path operator/(std::string_view name) const { return path() / name; }

    workplace() { std::filesystem::create_directories(path()); }

    run_settings settings(std::string input = {}) const {
        run_settings out;
        out.dir = path();
        out.input = std::move(input);
        out.environment = {{"HOME", dir_.path().string()}, {"XDG_CACHE_HOME", (dir_.path() / "cache").string()}};
        return out;
    }

    run_result run(const std::vector<std::string>& words, std::string input = {}) const {
        return run_cpg(words, settings(std::move(input)));
    }

    /// Every file below a folder, by its relative path. Links are not followed.
    std::map<std::string, std::string> files(std::string_view below = "policies") const {
        std::map<std::string, std::string> out;
        if (!std::filesystem::exists(path() / below)) return out;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path() / below)) {
            // A temporary file of a run that goes on may be gone by now.
            std::error_code gone;
            if (!entry.is_regular_file(gone) || gone) continue;
            std::string text = read_text(entry.path());
            if (std::filesystem::exists(entry.path(), gone))
                out[entry.path().lexically_relative(path() / below).string()] = std::move(text);
        }
        return out;
    }

    /// The names of all that lies beside the working folder: nothing but the cache may be there.
    std::vector<std::string> outside() const {
        std::vector<std::string> out;
        for (const auto& entry : std::filesystem::directory_iterator(dir_.path()))
            if (entry.path().filename() != "work" && entry.path().filename() != "cache")
                out.push_back(entry.path().string());
        return out;
    }

  private:
    temp_dir dir_;
};

inline bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace cpg::test
