// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A policy from YAML as cpg writes it, so that test data can be read by people. Pure; any thread.

#include <string>

#include "policy/policy.hpp"

namespace cpg::test {

policy read_policy(const std::string& yaml);

}  // namespace cpg::test
