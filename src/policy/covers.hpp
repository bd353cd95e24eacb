// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Whether a policy that is there already allows what another one would add. Pure; any thread.

#include "policy/policy.hpp"
#include "policy/tree.hpp"

namespace cpg {

/// True when the policy document's specs that select the same pods allow all of `wanted` together.
bool allows_all(const tree& document, const policy& wanted);

}  // namespace cpg
