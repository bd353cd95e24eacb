// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Where the values of a YAML file stand, beside the values. A value carries the number of its place, so that copies of
// it have it, too. Values; any thread.

#include <cstdint>
#include <vector>

#include "policy/tree.hpp"

namespace cpg {

/// Lines are counted from 0, columns in bytes from 0. A null has no line and column of its own.
struct yaml_place {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint32_t last_line = 0;  ///< the last one on which something inside it begins
    std::uint32_t key_line = 0;   ///< of its key, for the value of a member
    std::uint32_t key_column = 0;
    bool flow_style = false;  ///< `[a, b]` or `{a: b}`
};

class yaml_places {
  public:
    /// A value that was not read from this file has no place: everything is 0.
    const yaml_place& of(const tree& value) const { return places_[value.place < places_.size() ? value.place : 0]; }
    /// Gives the value the next place.
    void add(tree& value, const yaml_place& place) {
        value.place = static_cast<std::uint32_t>(places_.size());
        places_.push_back(place);
    }
    /// Of a value that was added.
    yaml_place& at(const tree& value) { return places_[value.place]; }

  private:
    std::vector<yaml_place> places_ = {yaml_place{}};
};

}  // namespace cpg
