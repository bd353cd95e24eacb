// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What stands before every reader of YAML: yaml-cpp's tree is built, and walked with recursion, only for text that
// passed here. A few bytes can otherwise name a tree without an end (an anchor inside of itself), one of billions of
// nodes (aliases of aliases), or a stream of documents that never ends (yaml-cpp 0.7 makes no progress at a `,`
// between two documents). Reads the text once, as events, and builds nothing. Pure; any thread.

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace YAML {
class EventHandler;
}

namespace cpg {

struct yaml_limits {
    std::size_t bytes = 16U << 20U;
    std::size_t nodes = 1'000'000;  ///< of all documents, as a reader meets them that follows every alias
    std::size_t depth = 64;         ///< collections inside of each other, through aliases too
    bool first_document = false;    ///< the reader stops behind the first one, so the check does
};

/// The text is no YAML, or more than the limits allow. what() has no place and quotes none of the text.
class yaml_refused : public std::runtime_error {
  public:
    yaml_refused(const std::string& text, std::size_t at_line, std::size_t at_column)
        : std::runtime_error(text), line(at_line), column(at_column) {}

    const std::size_t line;  ///< from 1
    const std::size_t column;
};

/// Throws yaml_refused. A text that passes is safe to load and to walk. `beside` is told each event that is within the
/// limits, so that who keeps what they say needs not read the text again; what it has heard is worth nothing when this
/// throws.
void check_yaml(std::string_view text, const yaml_limits& limits, YAML::EventHandler* beside = nullptr);

}  // namespace cpg
