// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What the rows of the table say of values: read here, and refused here where a row has no room for them. Touches
// nothing; one thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/options.hpp"

namespace cpg {

/// Throws usage_error for the first value that its row does not take, and for options that exclude each other or lack
/// the one that they go with. The command is there.
void check_options(const parsed_options& options);

/// Each throws usage_error where check_options() would.
std::size_t count_of(const parsed_options& options, number_id option);
/// More than nothing.
std::chrono::nanoseconds duration_of(const parsed_options& options, duration_id option);
/// A time, nanoseconds since the epoch: RFC 3339, or a duration back from now; nothing without it.
std::optional<std::int64_t> moment_of(const parsed_options& options, moment_id option);
/// Which of the values in the row, from 0 on.
std::size_t place_of(const parsed_options& options, choice_id option);
/// The same of one value of a list, in any case.
std::size_t place_among(list_id option, const std::string& value);
/// The values of `what` are in the order of the row.
template <typename what>
what choice_of(const parsed_options& options, choice_id option) {
    return static_cast<what>(place_of(options, option));
}

}  // namespace cpg
