// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The flags about evidence, for all commands. Reads the environment, touches nothing else; throws usage_error. One
// thread.

#include <filesystem>
#include <optional>

#include "base/log.hpp"
#include "cli/options.hpp"
#include "evidence/writer.hpp"

namespace cpg {

/// `--evidence-dir`, or the default; nothing for a user without a home directory.
std::optional<std::filesystem::path> evidence_dir_of(const parsed_options& options);

/// Nothing where no evidence is to be kept; warns when that is not the user's wish.
std::optional<evidence_settings> evidence_settings_of(const parsed_options& options,
                                                      const std::filesystem::path& output_dir, logger& log);

}  // namespace cpg
