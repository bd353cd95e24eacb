// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What the end of a flow is, and whether it can be believed. Any thread.

#include "flow/flow.hpp"

namespace cpg {

/// By its labels; the numeric identity speaks where a field mask has cut them.
reserved_identity reserved_of(const endpoint& endpoint);

/// Namespace, labels and number of an endpoint come from one place: where they contradict each other, none is believed,
/// whatever kind of peer it would have been.
bool is_contradictory(const endpoint& endpoint);

}  // namespace cpg
