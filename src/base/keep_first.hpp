// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// How a set or map that input fills is bounded without its result depending on the order of the input. Pure.

#include <cstddef>
#include <iterator>

namespace cpg {

/// Keeps the first `most` in order. What goes is behind all that stay, and would be whenever it came again.
void keep_first(auto& of, std::size_t most) {
    while (of.size() > most)
        of.erase(std::prev(of.end()));
}

/// Adds to a set that is bounded so.
void add_first(auto& to, const auto& added, std::size_t most) {
    to.insert(added.begin(), added.end());
    keep_first(to, most);
}

}  // namespace cpg
