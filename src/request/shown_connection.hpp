// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What one flow shows of a connection, before it is owned by anybody. Points into its batch. Immutable; any thread, as
// long as the batch lives.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "flow/flow.hpp"

namespace cpg {

/// One end of a connection at which a policy is asked.
struct shown_connection {
    const cpg::flow* flow = nullptr;
    cpg::direction direction = cpg::direction::unknown;
    const endpoint* subject = nullptr;
    const endpoint* peer = nullptr;
    std::string_view peer_ip;
    std::uint16_t port = 0;  ///< for ICMP the type
    bool denied = false;     ///< dropped, or by policy audit mode let through for once
    /// No rule allowed it, so the subject is in default deny for this direction.
    bool proves_default_deny = false;
};

/// Why a flow shows none.
enum class shows_nothing : std::uint8_t {
    no_connection,     ///< an answer, a packet of an older connection, a trace on the way
    no_policy_matter,  ///< dropped for what no policy decides
    no_port,           ///< no transport header, or a port that no rule can name
    no_ends,           ///< an end or the direction is missing, or neither end is a pod
    unread_record,     ///< an L7 record that is no request over HTTP or DNS
    outside_window,    ///< before or after the time asked for
};
inline constexpr std::size_t shows_nothing_reasons = 6;
/// `no_connection`, …
std::string_view to_string(shows_nothing reason);

/// Of a connection that was let through both ends may be pods.
struct shown_connections {
    std::array<shown_connection, 2> ends;
    std::size_t count = 0;
    shows_nothing why = shows_nothing::no_connection;  ///< with no end

    void add(const shown_connection& end) { ends[count++] = end; }
};

}  // namespace cpg
