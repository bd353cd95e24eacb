// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

#include <chrono>

#include "cli/options.hpp"
#include "session/session.hpp"

namespace cpg {

/// With --cluster-dedup, asks the cluster which policies it has. Throws fatal_error.
void use_cluster_dedup(const parsed_options& options, session_settings& settings,
                       std::chrono::steady_clock::time_point until, logger& log);

}  // namespace cpg
