// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A fresh folder in which the real binary runs, with its own cache and in UTC.

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <regex>
#include <string>
#include <vector>

#include "support/patience.hpp"
#include "support/program.hpp"
#include "support/temp_dir.hpp"

namespace cpg::test {

inline const std::string capture = std::string(TEST_DATA) + "/explain.jsonl";

struct outcome {
    int status = -1;
    std::string out;
    std::string err;
};

struct explain_fixture {
    temp_dir dir;

    std::string command(const std::string& words) const {
        return "cd '" + dir.path().string() + "' && export XDG_CACHE_HOME='" + (dir / "cache").string() +
               "' TZ=UTC && exec timeout " + std::to_string(test::patient(60U)) + " \"$CPG\" " + words;
    }
    outcome run(const std::string& words) const {
        const temp_dir said;
        program shell({.words = {"sh", "-c", command(words)},
                       .environment = environment_with({}),
                       .folder = dir.path(),
                       .out = said / "out",
                       .err = said / "err"});
        const int status = shell.exit_code(std::chrono::seconds(90));
        return {status, shell.out(), shell.err()};
    }
    void replay(const std::string& words = "") const {
        const outcome done = run("replay '" + capture + "' " + words);
        BOOST_REQUIRE_MESSAGE(done.status == 0, done.err);
    }
    std::vector<std::filesystem::path> evidence() const {
        std::vector<std::filesystem::path> out;
        if (!std::filesystem::exists(dir / "cache")) return out;
        for (const auto& each : std::filesystem::recursive_directory_iterator(dir / "cache"))
            if (each.path().extension() == ".json") out.push_back(each.path());
        std::ranges::sort(out);
        return out;
    }
    std::filesystem::path evidence_of_api() const {
        const auto all = evidence();
        const auto name = [](const std::filesystem::path& each) { return each.filename(); };
        const auto found = std::ranges::find(all, "api-server.json", name);
        BOOST_REQUIRE(found != all.end());
        return *found;
    }
};

inline bool has(const std::string& text, const std::string& part) {
    if (text.find(part) != std::string::npos) return true;
    BOOST_TEST_MESSAGE("not found: " + part + "\nin: " + text);
    return false;
}

// What differs between two runs by their nature.
inline std::string without_session(std::string text) {
    text = std::regex_replace(text, std::regex("\"(id|started_at|ended_at|file)\": \"[^\"]*\""), "\"$1\": \"…\"");
    text = std::regex_replace(text, std::regex("\"\\d{4}-\\d\\d-\\d\\dT[0-9:]*Z-[0-9a-f]{4}\""), "\"…\"");
    return std::regex_replace(text, std::regex("Latest session: [^(]*\\("), "Latest session: … (");
}

}  // namespace cpg::test
