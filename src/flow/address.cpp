// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "flow/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <span>

#include "base/text.hpp"

namespace cpg {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

address unmapped(address mapped) {
    if (!std::ranges::equal(mapped_prefix, std::span(mapped.bytes).first(mapped_prefix.size()))) return mapped;
    address v4;
    std::copy(mapped.bytes.begin() + 12, mapped.bytes.end(), v4.bytes.begin());
    return v4;
}

}  // namespace

std::optional<address> parse_address(std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN> terminated{};
    if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
    std::ranges::copy(text, terminated.begin());
    address out;
    if (::inet_pton(AF_INET, terminated.data(), out.bytes.data()) == 1) return out;
    out.v6 = true;
    if (::inet_pton(AF_INET6, terminated.data(), out.bytes.data()) == 1) return unmapped(out);
    return std::nullopt;
}

std::string host_cidr(const address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(), text.size());
    return std::string(text.data()) + (address.v6 ? "/128" : "/32");
}

std::optional<cidr> parse_cidr(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::optional<address> base = parse_address(text.substr(0, slash));
    if (!base) return std::nullopt;
    const unsigned most = base->v6 ? 128 : 32;
    if (slash == std::string_view::npos) return cidr{*base, most};
    const auto bits = parse_unsigned(text.substr(slash + 1));
    if (!bits || *bits > most) return std::nullopt;
    return cidr{*base, static_cast<unsigned>(*bits)};
}

bool contains(const cidr& outer, const cidr& inner) {
    if (outer.address.v6 != inner.address.v6 || inner.prefix_bits < outer.prefix_bits) return false;
    for (unsigned bit = 0; bit < outer.prefix_bits; ++bit) {
        const unsigned differ = outer.address.bytes[bit / 8] ^ inner.address.bytes[bit / 8];
        if (differ & (0x80u >> (bit % 8))) return false;
    }
    return true;
}

}  // namespace cpg
