// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Ports as policies write them. Pure; any thread.

#include <cstdint>
#include <optional>
#include <string_view>

namespace cpg {

/// RFC 6335: letters, digits and single dashes between them, at most 15 characters, one of them a letter. Cilium takes
/// such text for the name of a port, `0x10` too (cilium:pkg/iana).
bool is_port_name(std::string_view text);

/// As Go's ParseUint reads it with base 0: what begins with 0 is octal. Nothing for what is no number up to 65535.
std::optional<std::uint16_t> parse_port_number(std::string_view text);

}  // namespace cpg
