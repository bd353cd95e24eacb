// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// One pattern for paths that differ in a number, a UUID, a hash or a date: `^/users/[0-9]+$`. Pure; any thread.

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace cpg {

/// What Envoy takes of a pattern compiled by RE2 (`re2.max_program_size.error_level`); beyond it refuses all of a
/// node's policies.
inline constexpr std::size_t most_program_size = 100;

/// Never less than RE2 makes of a pattern of cpg's: a literal behind `^` costs nothing, each byte behind the first
/// expression one instruction.
std::size_t program_size_bound(std::string_view pattern);

/// The pattern that each of these patterns of cpg's is written as: one for those in which a segment of the path has at
/// least three values of one kind. Where the pattern would be too large, the paths stay as they are.
std::map<std::string, std::string> collapsed_paths(const std::set<std::string>& patterns);

}  // namespace cpg
