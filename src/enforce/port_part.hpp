// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a rule opens or closes: an entry of toPorts or icmps, with the requests that may be made on it. Immutable once
// read; any thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "enforce/known.hpp"
#include "enforce/request_part.hpp"
#include "flow/flow.hpp"
#include "policy/port_entry.hpp"

namespace cpg {

struct port_part {
    std::vector<port_entry> ports = {};
    request_part requests = {};
    /// TLS interception, server names or a listener: the proxy decides by what no flow shows.
    open_question proxy = open_question::none;
    std::size_t line = 0;  ///< from 1
};

/// Whether the port is one of the part's, whatever requests may be made on it.
finding names_port(const port_part& part, l4_protocol protocol, std::uint16_t port);

/// `TCP/8080`, `TCP/80-90`, `TCP/http`, `every TCP port`, `ICMPv4 type 8`, for people.
std::string describe(const port_entry& entry);
std::string describe(const port_part& part);

}  // namespace cpg
