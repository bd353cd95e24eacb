// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Whether one rule makes another one needless: every pod, peer and port of the one is the other's as well. Only what is
// certain counts. Pure; any thread.

#include "enforce/judged_policy.hpp"

namespace cpg {

struct placed_rule {
    const judged_policy* policy;
    const judged_rule* rule;
};

/// True when `outer` allows all that `inner` allows.
bool covers(const placed_rule& outer, const placed_rule& inner);

}  // namespace cpg
