// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A session over captures whose end is a part instead of policies. One thread, which blocks until it is over.

#include <string>
#include <vector>

#include "partial/part.hpp"
#include "session/session.hpp"

namespace cpg {

struct part_settings {
    std::string out;  ///< a file, or `-` for standard output
    std::string cpg_version;
    bool evidence = true;  ///< the policies will have evidence, with the samples of the session
};

/// Files, folders, or `-` for standard input. Nothing is written unless all of the input was read. Throws fatal_error.
session_result replay_to_part(session_settings settings, const std::vector<std::string>& paths,
                              const part_settings& part, logger& log);

}  // namespace cpg
