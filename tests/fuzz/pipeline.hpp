// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The way of decoded flows to policies and evidence, as a session goes it, with what must hold of both. One thread.

#include "flow/flow.hpp"

namespace cpg::fuzz {

/// Judges, adds up and prints the flows of the batch. Each printed policy is valid, is read back as it was, and a merge
/// finds nothing to add to it; each evidence file is read back as it was; neither has control characters.
void check_flows(const flow_batch& batch);

}  // namespace cpg::fuzz
