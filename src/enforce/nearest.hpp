// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Why a connection is denied, for people: the rule that comes nearest to letting it through, and what it lacks. Pure.

#include <cstddef>
#include <string>

#include "enforce/decide.hpp"

namespace cpg {

struct near_miss {
    const judged_policy* policy = nullptr;  ///< where to look; null where no policy is near
    std::size_t line = 0;                   ///< from 1; 0 where no policy is near
    std::string text;                       ///< `the rule is for TCP/5432`
    bool selects_nothing = false;           ///< no policy is for the pod: only default deny denies it
};

/// Of a verdict that is `denied` or `unknown`.
near_miss nearest(decider& decider, const connection& connection, const circumstances& circumstances,
                  const decision& decision);

/// `app=web on TCP/80, TCP/443`.
std::string describe(const judged_rule& rule);

}  // namespace cpg
