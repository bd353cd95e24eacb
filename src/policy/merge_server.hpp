// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The rule to a DNS server that cpg had to assume, in a file in which a person has written: where the server is told by
// now, its rule takes the place of that one, with the names of both. Private to merge. One thread at a time.

#include "policy/policy.hpp"
#include "policy/yaml_editor.hpp"

namespace cpg {

/// Edits the spec of a policy that is labelled as cpg's, and takes out of `wanted` what it has put in. Only a rule that
/// stands exactly as cpg printed it counts.
void replace_assumed_server(yaml_editor& editor, const tree& spec, policy& wanted);

}  // namespace cpg
