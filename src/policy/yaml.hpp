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
#include "policy/yaml_places.hpp"

namespace cpg {

class yaml_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct yaml_file {
    std::vector<tree> documents;  ///< without empty ones
    yaml_places places;
};

/// Throws yaml_error with line and column for text that is no YAML, has a key twice in one mapping, or grows beyond
/// bounds when its aliases are followed.
yaml_file read_yaml(std::string_view text);
/// The documents alone.
std::vector<tree> parse_yaml(std::string_view text);

/// An item of a list with the comment that is to stand above it, if any.
struct printed_item {
    tree value;
    std::string comment = {};
};

/// Block style, two columns a level; ends with a line break.
std::string emit_block(const tree& tree, std::size_t column);
/// An item of a sequence whose dashes stand at `column`, below a comment where there is one.
std::string emit_item(const tree& tree, std::size_t column, std::string_view comment = {});
std::string emit_items(const std::vector<printed_item>& items, std::size_t column);
/// A member of a mapping whose keys stand at `column`: a list of these items, of which there is one at least.
std::string emit_member(std::string_view key, const std::vector<printed_item>& items, std::size_t column);
/// JSON, for a place inside a flow collection.
std::string emit_flow(const tree& tree);

/// The list of the items' values.
tree list_of(const std::vector<printed_item>& items);

/// True for text that every YAML reader takes as a string without quotes.
bool is_plain_string(std::string_view text);

}  // namespace cpg
