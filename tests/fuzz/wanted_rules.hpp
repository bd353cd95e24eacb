// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Rules chosen by the characters of a text, for the target merge. Pure; any thread.

#include <string_view>

#include "policy/policy.hpp"

namespace cpg::fuzz {

/// Two characters are a rule: the first says for whom, the second for what. Of the pods that the files of
/// tests/data/merge are about.
policy wanted_policy(std::string_view chosen);

}  // namespace cpg::fuzz
