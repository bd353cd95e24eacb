// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// An entry of a list of ports, as policies write it: the one place that says which ports `port`, `endPort` and
// `protocol` are. Pure; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flow/flow.hpp"

namespace cpg {

struct port_entry {
    std::vector<l4_protocol> protocols = {};
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    bool all = false;       ///< port 0: every port or type of the protocol (cilium:pkg/policy/api/l4.go)
    std::string name = {};  ///< a named port; the numbers then say nothing
};

/// TCP, UDP and SCTP for `ANY` and for nothing; none for what is none of these.
std::vector<l4_protocol> port_protocols(std::string_view text);

/// RFC 6335: letters, digits and single dashes between them, at most 15 characters, one of them a letter. Cilium takes
/// such text for the name of a port, `0x10` too (cilium:pkg/iana).
bool is_port_name(std::string_view text);

/// As Go's ParseUint reads it with base 0: what begins with 0 is octal. Nothing for what is no number up to 65535.
std::optional<std::uint16_t> parse_port_number(std::string_view text);

/// Fills in number or name; false for text that is neither. `end`: endPort, 0 where there is none. An end below the
/// port is none.
bool parse_port(port_entry& to, std::string_view text, std::uint16_t end);

}  // namespace cpg
