// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What follows the writing of policies, live, of captures or of parts. One thread at a time.

#include <vector>

#include "evidence/writer.hpp"
#include "output/policy_writer.hpp"
#include "session/session.hpp"

namespace cpg {

/// Where the evidence of these policies goes.
std::vector<evidence_place> evidence_places(const std::vector<written_policy>& written);

/// Files in a folder that has lost its name are nobody's: they count as failed. `evidence` may be null.
void check_output_in_place(const policy_writer& policies, const evidence_writer* evidence,
                           const session_settings& settings, session_result& result, logger& log);

}  // namespace cpg
