// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// IP addresses in the one form in which they may be compared and written. Pure; any thread.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cpg {

struct address {
    bool v6 = false;
    std::array<std::uint8_t, 16> bytes{};  ///< network order; IPv4 uses the first four

    auto operator<=>(const address&) const = default;
};

/// The address in `text`; an IPv4-mapped IPv6 address is IPv4. Nothing for other text.
std::optional<address> parse_address(std::string_view text);

/// The CIDR that contains exactly this address: `/32` for IPv4, `/128` for IPv6.
std::string host_cidr(const address& address);

struct cidr {
    cpg::address address;
    unsigned prefix_bits = 0;
};

/// `10.0.0.0/8`; an address alone is the CIDR that contains exactly it. Bits behind the prefix do not matter.
std::optional<cidr> parse_cidr(std::string_view text);
/// True when all of `inner` lies in `outer`.
bool contains(const cidr& outer, const cidr& inner);

}  // namespace cpg
