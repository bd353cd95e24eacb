// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// YAML text to trees and back. Reading is for files that a person may have written, so it is bounded and refuses what
// Kubernetes refuses; writing gives the one form in which cpg writes policies. Pure; any thread.

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "policy/tree.hpp"

namespace cpg {

class yaml_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The documents of a file, without empty ones. Throws yaml_error with line and column for text that is no YAML, has a
/// key twice in one mapping, or grows beyond bounds when its aliases are followed.
std::vector<tree> parse_yaml(std::string_view text);

/// Block style, two columns a level, comments above the items that have one; ends with a line break.
std::string emit_block(const tree& tree, std::size_t column);
/// An item of a sequence whose dashes stand at `column`.
std::string emit_item(const tree& tree, std::size_t column);
/// A member of a mapping whose keys stand at `column`.
std::string emit_member(const tree::member& member, std::size_t column);
/// JSON, for a place inside a flow collection.
std::string emit_flow(const tree& tree);

/// True for text that every YAML reader takes as a string without quotes.
bool is_plain_string(std::string_view text);

}  // namespace cpg
