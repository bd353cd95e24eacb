// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a rule of a file lets in, as a person may have written it: wider selectors, prefixes, entities, patterns. For
// telling which rules are still there, so what can't be told from the file counts as let in. Pure; any thread.

#include "policy/file_rule.hpp"
#include "policy/peer_cover.hpp"
#include "policy/tree.hpp"
#include "request/rule_key.hpp"

namespace cpg {

/// True when the L3 part of the rule is for this peer, or for more than it.
bool reaches(const tree& rule, const known_peer& peer);

/// True when the L4 and L7 part of the rule is for this port or ICMP type, whatever filter is behind it; for a request
/// when it gets through the filter.
bool lets_in(const file_rule& rule, const rule_key& key);

/// True when one request is another, or the pattern of `outer` may be for both.
bool may_match(const l7_match& outer, const l7_match& inner);

}  // namespace cpg
