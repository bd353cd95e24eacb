// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The connections of a session, each once. Values; any thread.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "request/connection.hpp"
#include "request/shown_connection.hpp"

namespace cpg {

struct seen_connection {
    cpg::connection connection;
    std::uint64_t denied = 0;   ///< flows
    std::uint64_t allowed = 0;  ///< flows
    /// Names of the address, as the subject's flows and DNS answers tell: lower-case, without the trailing dot; sorted.
    std::vector<std::string> names = {};
    /// The subject was denied in this direction what no rule allowed.
    bool default_deny = false;

    std::uint64_t flows() const { return denied + allowed; }
};

struct seen_connections {
    std::vector<seen_connection> all;                                ///< sorted
    std::array<std::uint64_t, shows_nothing_reasons> passed_over{};  ///< flows that show no connection
    std::uint64_t left_out = 0;                                      ///< flows of more connections than are kept
};

}  // namespace cpg
