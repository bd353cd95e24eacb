// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The policy that a namespace's default deny begins with: it selects every pod and allows nothing. Pure; any thread.

#include <string>
#include <string_view>

namespace cpg {

/// The first Cilium that knows enableDefaultDeny (cilium:Documentation/security/policy/intro.rst).
inline constexpr unsigned default_deny_major = 1;
inline constexpr unsigned default_deny_minor = 16;

struct denied_directions {
    bool ingress = true;
    bool egress = true;
};

/// One document. `allow_dns`: the pods may ask kube-dns; only where egress is denied.
std::string default_deny_text(std::string_view pod_namespace, denied_directions denied, bool allow_dns);

}  // namespace cpg
