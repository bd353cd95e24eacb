// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "partial/packets_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace cpg {

namespace json = boost::json;

namespace {

constexpr std::size_t hash_digits = 16;
// A node's lasting hash, and its drops less verdicts.
using group = std::pair<std::uint32_t, std::int64_t>;

void append_hash(std::string& to, std::uint64_t hash) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (int shift = 60; shift >= 0; shift -= 4)
        to += digits[(hash >> static_cast<unsigned>(shift)) & 15];
}

std::uint64_t read_hash(std::string_view digits) {
    std::uint64_t out = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, failed] = std::from_chars(digits.data(), end, out, 16);
    if (failed != std::errc() || stop != end) throw part_error("the hash of a connection is none");
    return out;
}

void read_group(const json::value& from, packet_sums& to) {
    const json::array& parts = list_in(from, "the packets of a node", 3);
    const auto node = number_in<std::uint32_t>(parts[0], "a node");
    const std::int64_t drops = signed_in(parts[1], "the drops of a node");
    const std::string_view hashes = text_in(parts[2], "the hashes of connections");
    if (to.by_node != hashes.empty() || hashes.size() % hash_digits != 0)
        throw part_error("the hashes of connections are none");
    if (to.by_node) to.places.push_back({.place = node, .node = node, .drops = drops});
    for (std::size_t at = 0; at < hashes.size(); at += hash_digits)
        to.places.push_back({.place = read_hash(hashes.substr(at, hash_digits)), .node = node, .drops = drops});
}

}  // namespace

void append(json_out& to, const packet_sums& sums) {
    std::map<group, std::string> groups;
    for (const packet_surplus& each : sums.places) {
        std::string& hashes = groups[{each.node, each.drops}];
        if (!sums.by_node) append_hash(hashes, each.place);
    }
    to.begin('[').number(sums.counted).text(sums.by_node ? "nodes" : "connections").begin('[');
    for (const auto& [of, hashes] : groups)
        to.begin('[').number(of.first).number(of.second).text(hashes).end(']');
    to.end(']').end(']');
}

packet_sums read_packets(const json::value& from) {
    const json::array& parts = list_in(from, "the packets", 3);
    const std::string_view by = text_in(parts[1], "the packets' places");
    if (by != "nodes" && by != "connections") throw part_error("the packets' places are neither nodes nor connections");
    packet_sums out{
        .counted = number_in<std::uint64_t>(parts[0], "the packets"), .by_node = by == "nodes", .places = {}};
    for (const json::value& each : list_in(parts[2], "the packets' places"))
        read_group(each, out);
    std::ranges::sort(out.places);
    const auto same = [](const packet_surplus& a, const packet_surplus& b) { return a.place == b.place; };
    if (std::ranges::adjacent_find(out.places, same) != out.places.end())
        throw part_error("a connection of the packets stands twice");
    if (!out.by_node && out.places.size() > packet_count::most_connections)
        throw part_error("the packets are of more connections than are told apart");
    return out;
}

}  // namespace cpg
