// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "flow/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <span>

namespace cpg {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

address unmapped(address of) {
    if (!std::ranges::equal(mapped_prefix, std::span(of.bytes).first(mapped_prefix.size()))) return of;
    address v4;
    std::copy(of.bytes.begin() + 12, of.bytes.end(), v4.bytes.begin());
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

std::string host_cidr(const address& of) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(of.v6 ? AF_INET6 : AF_INET, of.bytes.data(), text.data(), text.size());
    return std::string(text.data()) + (of.v6 ? "/128" : "/32");
}

}  // namespace cpg
