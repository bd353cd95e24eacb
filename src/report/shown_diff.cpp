// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/shown_diff.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cpg {

namespace {

std::string_view colour_of(std::string_view line) {
    if (line.starts_with("--- ") || line.starts_with("+++ ")) return "\x1b[1m";
    if (line.starts_with("@@")) return "\x1b[36m";
    if (line.starts_with("+")) return "\x1b[32m";
    return line.starts_with("-") ? "\x1b[31m" : "";
}

}  // namespace

std::string shown_diff(std::string_view diff, bool on_terminal, bool colour) {
    if (!on_terminal && !colour) return std::string(diff);
    std::string out;
    for (std::size_t at = 0; at < diff.size();) {
        const std::size_t end = std::min(diff.find('\n', at), diff.size());
        const std::string_view line = diff.substr(at, end - at);
        const std::string_view begin = colour ? colour_of(line) : "";
        out += std::string(begin) + (on_terminal ? printable(line) : std::string(line)) +
               (begin.empty() ? "\n" : "\x1b[m\n");
        at = end + 1;
    }
    return out;
}

}  // namespace cpg
