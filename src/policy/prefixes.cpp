// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/prefixes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

namespace cpg {

namespace {

unsigned all_bits(const address& address) {
    return address.v6 ? 128 : 32;
}

address masked(address from, unsigned bits) {
    for (unsigned i = 0; i < from.bytes.size(); ++i) {
        const unsigned kept = bits > i * 8 ? std::min(bits - i * 8, 8U) : 0;
        from.bytes[i] = static_cast<std::uint8_t>(from.bytes[i] & (0xFF00U >> kept));
    }
    return from;
}

cidr joined(const cidr& a, const cidr& b) {
    cidr out = a;
    while (!contains(out, b))
        --out.prefix_bits;
    return out;
}

std::string text_of(const cidr& prefix) {
    const std::string host = host_cidr(masked(prefix.address, prefix.prefix_bits));
    return host.substr(0, host.find('/') + 1) + std::to_string(prefix.prefix_bits);
}

bool is_inside(const address& inner, std::string_view prefix) {
    return contains(*parse_cidr(prefix), {inner, all_bits(inner)});
}

}  // namespace

bool is_private(const address& address) {
    constexpr std::array<std::string_view, 12> prefixes = {
        "0.0.0.0/8",      "10.0.0.0/8",    "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.168.0.0/16", "198.18.0.0/15", "::/96",         "fc00::/7",    "fe80::/10",      "ff00::/8"};
    return std::ranges::any_of(prefixes, [&](std::string_view each) { return is_inside(address, each); });
}

std::vector<std::string> covering_prefixes(const std::vector<std::string>& cidrs, const address_limit& limit) {
    std::map<address, cidr> blocks;
    std::vector<std::string> out;
    for (const std::string& each : cidrs) {
        const std::optional<cidr> one = parse_cidr(each);
        const unsigned shortest = one && one->address.v6 ? limit.shortest_v6 : limit.shortest_v4;
        if (!one || one->prefix_bits < shortest || (!limit.privates && is_private(one->address))) {
            out.push_back(each);
            continue;
        }
        const auto [at, is_new] = blocks.try_emplace(masked(one->address, shortest), *one);
        if (!is_new) at->second = joined(at->second, *one);
    }
    for (const auto& [block, prefix] : blocks)
        out.push_back(text_of(prefix));
    return without_held(std::move(out));
}

std::vector<std::string> without_held(std::vector<std::string> cidrs) {
    std::vector<cidr> wide;
    for (const std::string& each : cidrs)
        if (is_wide(each)) wide.push_back(*parse_cidr(each));
    if (wide.empty()) return cidrs;
    std::erase_if(cidrs, [&](const std::string& each) {
        const std::optional<cidr> one = parse_cidr(each);
        return one && std::ranges::any_of(wide, [&](const cidr& outer) {
                   return outer.prefix_bits < one->prefix_bits && contains(outer, *one);
               });
    });
    return cidrs;
}

std::string address_count(const std::vector<std::string>& cidrs) {
    constexpr double most_written_out = 1e15;
    double sum = 0;
    for (const std::string& each : cidrs)
        if (const std::optional<cidr> one = parse_cidr(each))
            sum += std::exp2(static_cast<double>(all_bits(one->address) - one->prefix_bits));
    if (sum < most_written_out) return std::to_string(static_cast<unsigned long long>(sum));
    return "2^" + std::to_string(static_cast<int>(std::ceil(std::log2(sum))));
}

bool is_wide(const std::string& cidr) {
    const auto one = parse_cidr(cidr);
    return one && one->prefix_bits < all_bits(one->address);
}

}  // namespace cpg
