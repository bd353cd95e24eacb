// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/diff.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <dtl/dtl.hpp>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

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

using script = std::vector<std::pair<std::string, dtl::elemInfo>>;

constexpr std::size_t context = 3;

bool is_change(const script::value_type& line) {
    return line.second.type != dtl::SES_COMMON;
}

// Lines that go stand above those that come, as diff has them; the library mixes the two.
void put_removed_first(script& lines) {
    for (auto at = lines.begin(); at != lines.end();) {
        const auto end = std::find_if_not(at, lines.end(), is_change);
        std::stable_partition(at, end, [](const auto& line) { return line.second.type == dtl::SES_DELETE; });
        at = std::find_if(end, lines.end(), is_change);
    }
}

// The end of the hunk whose first change stands at `first`: behind the context of the last change that is near enough
// to the one before it for their contexts to touch.
std::size_t end_of_hunk(const script& lines, std::size_t first) {
    std::size_t last = first;
    for (std::size_t i = first; i < lines.size() && i <= last + 2 * context + 1; ++i)
        if (is_change(lines[i])) last = i;
    return std::min(last + context + 1, lines.size());
}

// An empty side is counted from the line before it.
std::string range_text(std::size_t before, std::size_t count) {
    return std::to_string(count == 0 ? before : before + 1) + (count == 1 ? "" : "," + std::to_string(count));
}

std::string hunk_text(const script& lines, std::size_t begin, std::size_t end) {
    const auto count = [&](std::size_t from, std::size_t to, int other_side) {
        return static_cast<std::size_t>(std::count_if(
            lines.begin() + static_cast<std::ptrdiff_t>(from), lines.begin() + static_cast<std::ptrdiff_t>(to),
            [&](const auto& line) { return line.second.type != other_side; }));
    };
    std::string out = "@@ -" + range_text(count(0, begin, dtl::SES_ADD), count(begin, end, dtl::SES_ADD)) + " +" +
                      range_text(count(0, begin, dtl::SES_DELETE), count(begin, end, dtl::SES_DELETE)) + " @@\n";
    for (std::size_t i = begin; i < end; ++i) {
        const int type = lines[i].second.type;
        out += (type == dtl::SES_ADD ? "+" : type == dtl::SES_DELETE ? "-" : " ") + lines[i].first + "\n";
    }
    return out;
}

// As git writes names: quoted where they have what would end or steer the line, with a tab behind blanks, where `patch`
// would end the name.
std::string header_name(const std::string& name) {
    const auto is_odd = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '"' || c == '\\';
    };
    if (std::ranges::none_of(name, is_odd)) return name.find(' ') == std::string::npos ? name : name + "\t";
    std::string out = "\"";
    for (const char c : name) {
        std::array<char, 5> octal{};
        std::snprintf(octal.data(), octal.size(), "\\%03o", static_cast<unsigned char>(c));
        out += is_odd(c) ? octal.data() : std::string(1, c);
    }
    return out + "\"";
}

}  // namespace

std::filesystem::path patch_root(const std::filesystem::path& output_dir) {
    std::error_code unknown;
    const fs::path here = fs::current_path(unknown);
    const fs::path whole = (here / output_dir).lexically_normal();
    for (fs::path at = whole; at.has_relative_path(); at = at.parent_path())
        if (fs::exists(at / ".git", unknown)) return at;
    const fs::path below = whole.lexically_relative(here);
    return below.empty() || *below.begin() == ".." ? whole.root_path() : here;
}

std::string patch_name(const std::filesystem::path& file, const std::filesystem::path& root) {
    std::error_code unknown;
    return (fs::current_path(unknown) / file).lexically_normal().lexically_relative(root).string();
}

std::string unified_diff(const std::string& name, const std::optional<std::string>& before, std::string_view after) {
    if (before && *before == after) return {};
    dtl::Diff<std::string> diff(lines_of(before ? *before : std::string()), lines_of(after));
    diff.compose();
    script lines = diff.getSes().getSequence();
    put_removed_first(lines);
    std::string out =
        "--- " + (before ? header_name("a/" + name) : "/dev/null") + "\n+++ " + header_name("b/" + name) + "\n";
    for (std::size_t at = 0; at < lines.size(); ++at) {
        if (!is_change(lines[at])) continue;
        const std::size_t end = end_of_hunk(lines, at);
        out += hunk_text(lines, at - std::min(at, context), end);
        at = end - 1;
    }
    return out;
}

}  // namespace cpg
