// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From parts to policies: what they add up to is gone through workload by workload, and each is written as a replay of
// all captures would have written it. One thread, which blocks until all is written.

#include <memory>
#include <string>
#include <vector>

#include "partial/merge.hpp"
#include "session/session.hpp"

namespace cpg {

/// What parts add up to, in a temporary file.
struct summed_parts {
    part_header header;
    merged_knowledge knowledge;
    std::unique_ptr<part_writer> file;
};

/// Paths of parts, and `-` for standard input. Throws fatal_error for one that can't be read, that stands twice, or
/// that has other options than the first.
summed_parts sum_parts(const std::vector<std::string>& paths, logger& log);
/// The sum as a part; `-` for standard output. Throws fatal_error.
part_header sum_parts_to(const std::vector<std::string>& paths, const std::string& out, logger& log);

/// The gates and samples are those of the parts. Throws fatal_error.
session_result write_policies_of(const summed_parts& parts, session_settings settings, logger& log);

}  // namespace cpg
