// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What the allow rules of YAML text say, taken apart into the smallest facts: one peer, one port or ICMP type, one set
// of L7 rules. Reads the text itself, with nothing of src/policy. Pure; any thread.

#include <set>
#include <string>

namespace cpg::test {

/// `ingress {app: frontend} TCP/8080`, … over all policies in the text. Label keys without `k8s:` and `any:`.
std::set<std::string> allowed_facts(const std::string& yaml);

/// The facts of `a` that `b` lacks, a line each.
std::string lost_facts(const std::set<std::string>& a, const std::set<std::string>& b);

}  // namespace cpg::test
