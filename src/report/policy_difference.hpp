// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What one set of policies opens and another does not, over connections that were seen and over all that the rules of
// both are about. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "report/verification.hpp"

namespace cpg {

struct changed_connection {
    cpg::connection connection;
    std::uint64_t flows = 0;  ///< that were seen; 0 for one that only the rules are about
};

struct policy_difference {
    std::vector<changed_connection> opened;  ///< denied by the one, allowed by the other; sorted
    std::vector<changed_connection> closed;
    bool complete = true;  ///< false: the rules are about more than could be asked
};

policy_difference compare(const policy_set& before, const policy_set& after, const std::vector<verified>& seen,
                          const verification_settings& settings);

/// Comment lines for above a diff, `# newly allows: A to B TCP/5432`; empty where a file opens nothing more. Texts that
/// are no YAML open nothing.
std::string newly_allowed(const std::string& file, std::string_view before, std::string_view after);

}  // namespace cpg
