// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/diff.hpp"

#include <dtl/dtl.hpp>
#include <sstream>
#include <vector>

#include "base/text.hpp"

namespace cpg {

namespace {

// Lines without their breaks; a last line that has none carries diff's note about it.
std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> out;
    for (const std::string_view line : split(text, '\n'))
        out.emplace_back(line);
    if (out.back().empty())
        out.pop_back();
    else
        out.back() += "\n\\ No newline at end of file";
    return out;
}

}  // namespace

std::string unified_diff(const std::string& path, const std::optional<std::string>& before, std::string_view after) {
    if (before && *before == after) return {};
    const std::vector<std::string> old_lines = lines_of(before ? *before : std::string());
    const std::vector<std::string> new_lines = lines_of(after);
    dtl::Diff<std::string> diff(old_lines, new_lines);
    diff.compose();
    diff.composeUnifiedHunks();
    std::ostringstream hunks;
    diff.printUnifiedFormat(hunks);
    // The library counts the lines of an empty text from 1, diff from 0.
    std::string text = hunks.str();
    constexpr std::string_view empty_side = "@@ -1,0 ";
    if (old_lines.empty() && text.starts_with(empty_side)) text.replace(0, empty_side.size(), "@@ -0,0 ");
    return "--- " + (before ? path : "/dev/null") + "\n+++ " + path + "\n" + text;
}

}  // namespace cpg
