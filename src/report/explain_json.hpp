// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Evidence for scripts: `{"policy", "sessions", "matched_rules"}`, the members as they are in the evidence file.
// Pure; any thread.

#include <string>

#include "evidence/document.hpp"

namespace cpg {

/// `of` has only the rules to be shown, each with at most `most_samples`.
std::string explain_json(const evidence_document& document, std::size_t most_samples);
std::string explain_yaml(const evidence_document& document, std::size_t most_samples);

}  // namespace cpg
