// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A workload as one line of a part: all that policies and evidence need of it, and what was seen rather than what was
// decided, so that names and servers that another part tells are made use of when all parts are there. The same
// workload is always the same bytes. Any thread.

#include <string>
#include <string_view>
#include <utility>

#include "aggregate/workload.hpp"
#include "partial/json_in.hpp"

namespace cpg {

/// Without a line break.
std::string workload_line(const workload_key& key, const workload& of);

/// `most_samples` of each rule are kept. Throws part_error.
std::pair<workload_key, workload> read_workload(std::string_view line, std::size_t most_samples);

}  // namespace cpg
