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

/// The facts of the policies in `wanted` that are not among `facts`, neither as they stand nor for pods of which a
/// label less is asked.
std::string lacking_facts(const std::string& wanted, const std::set<std::string>& facts);

/// The filters (ports that are open to a peer for some requests or names only) among the facts of `before` that are
/// void in `after`, because a plain port stands beside them; one a line.
std::string voided_filters(const std::set<std::string>& before, const std::set<std::string>& after);

}  // namespace cpg::test
