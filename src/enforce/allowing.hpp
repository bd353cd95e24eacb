// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Whether policies that are in force already let through all that another one would: the question that saves a policy
// from being written twice. Only what is certain counts. Pure; any thread.

#include <span>

#include "enforce/judged_policy.hpp"
#include "policy/policy.hpp"

namespace cpg {

/// True when the policies let through what `wanted` allows, whatever further labels its pods and their peers have. A
/// deny rule that may be for the pods counts against all.
bool allow_all(std::span<const judged_policy> policies, const policy& wanted);

}  // namespace cpg
