// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From flags to what verify is asked. Reads and touches nothing; throws usage_error. One thread.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "cli/options.hpp"
#include "report/verification.hpp"
#include "session/session.hpp"

namespace cpg {

enum class verify_output { text, json, yaml, github };

struct verify_query {
    std::vector<std::string> policies;
    std::vector<std::string> captures;
    std::vector<std::string> base;
    verify_output output = verify_output::text;
    bool all = false;
    bool lint = false;
    std::optional<std::filesystem::path> evidence_dir;  ///< with lint, where the user has any
    verification_settings judging;
};

verify_query verify_query_of(const parsed_options& options);
/// A session that only looks.
session_settings survey_settings_of(const parsed_options& options);

}  // namespace cpg
