// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Exit statuses: an interface for scripts and CI, described in docs/exit-codes.md.

namespace cpg {

enum class exit_status : int {
    success = 0,      ///< also with infra drops
    infra_drops = 1,  ///< only with --fail-on-infra-drops: at least one infra drop was seen
    denied = 1,       ///< of verify: something stays denied, breaks, or is refused by Cilium
    usage = 2,        ///< the command line is wrong; nothing was read, written or connected
    fatal = 3,        ///< no connection, stream lost for good, input unreadable, a policy could not be written
};

}  // namespace cpg
