// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Files that nobody but cpg has written to: exactly what cpg prints for what they say. Such a file may be printed anew,
// so that additions stand where a first run would have put them. Pure; any thread.

#include <optional>
#include <string_view>
#include <vector>

#include "policy/policy.hpp"
#include "policy/policy_text.hpp"
#include "policy/tree.hpp"

namespace cpg {

/// True when the spec's enableDefaultDeny is false for this direction.
bool only_allows(const tree& spec, direction direction);

/// What the file says, when it is one of those; nothing for a file with a person's hand in it. `documents` are the
/// file's; `is_taken` is what it was printed with.
std::optional<policy> read_own_policy(
    std::string_view text, const std::vector<tree>& documents,
    const name_check& is_taken = [](std::string_view) { return false; });

/// Both together, as one run over the flows of both would have made it; named and selected as `wanted`.
policy add_up(const policy& own, const policy& wanted);

/// What of `own` is open at L4 and in `whole` only for some requests or names: `TCP/8080 from app=web`.
std::vector<std::string> refined_ports(const policy& own, const policy& whole);

}  // namespace cpg
