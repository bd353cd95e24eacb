// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/port_set.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"

namespace cpg {

namespace {

constexpr std::array protocols = {l4_protocol::tcp, l4_protocol::udp, l4_protocol::sctp};
constexpr std::uint16_t highest = 65535;

// Nothing for what Cilium takes for no port.
std::optional<port_entry> read_entry(const tree& entry) {
    port_entry out;
    out.protocols = port_protocols(entry.text_of("protocol"));
    const std::uint64_t end = parse_unsigned(entry.text_of("endPort")).value_or(0);
    if (out.protocols.empty() || end > highest) return std::nullopt;
    if (!parse_port(out, entry.text_of("port"), static_cast<std::uint16_t>(end))) return std::nullopt;
    return out;
}

// A number for one protocol: what `port` is a value for.
bool is_listed(const port_entry& entry) {
    return entry.protocols.size() == 1 && entry.name.empty() && entry.first > 0;
}

}  // namespace

port_set::port_set(const tree* list) {
    if (!list) return;
    for (const tree& each : list->items)
        if (auto entry = read_entry(each)) {
            add(*entry);
            entries_.push_back(std::move(*entry));
        }
}

void port_set::add(const port_entry& entry) {
    if (!entry.name.empty()) {
        has_names_ = true;
        return;
    }
    for (std::size_t i = 0; i < protocols.size(); ++i)
        if (std::ranges::find(entry.protocols, protocols[i]) != entry.protocols.end())
            add(by_protocol_[i], entry.first, entry.all ? highest : entry.last);
}

// Takes in what it overlaps or touches.
void port_set::add(ranges& to, std::uint16_t first, std::uint16_t last) {
    auto next = to.upper_bound(first);
    if (next != to.begin() && std::prev(next)->second + 1 >= first) {
        --next;
        first = next->first;
    }
    while (next != to.end() && next->first <= last + 1) {
        last = std::max(last, next->second);
        next = to.erase(next);
    }
    to.emplace_hint(next, first, last);
}

void port_set::add(const port_set& other) {
    for (std::size_t i = 0; i < protocols.size(); ++i)
        for (const auto& [first, last] : other.by_protocol_[i])
            add(by_protocol_[i], first, last);
    has_names_ |= other.has_names_;
}

const port_set::ranges* port_set::ranges_of(l4_protocol protocol) const {
    const auto found = std::ranges::find(protocols, protocol);
    return found == protocols.end() ? nullptr : &by_protocol_[static_cast<std::size_t>(found - protocols.begin())];
}

bool port_set::contains(const port& port) const {
    const ranges* const all = ranges_of(port.protocol);
    if (!all) return false;
    const auto next = all->upper_bound(port.number);
    return next != all->begin() && std::prev(next)->second >= port.number;
}

bool port_set::lists_number(std::uint16_t number) const {
    return std::ranges::any_of(entries_, [&](const port_entry& each) {
        return each.name.empty() && number > 0 && each.first == number && each.last == number;
    });
}

std::set<port> port_set::listed() const {
    std::set<port> out;
    for (const port_entry& each : entries_)
        for (unsigned number = each.first; is_listed(each) && number <= each.last; ++number)
            out.insert({.number = static_cast<std::uint16_t>(number), .protocol = each.protocols[0]});
    return out;
}

bool port_set::has_ranges() const {
    return std::ranges::any_of(entries_, [](const port_entry& each) { return each.last > each.first; });
}

std::optional<port> read_port(const tree& entry) {
    const auto read = read_entry(entry);
    if (!read || !is_listed(*read)) return std::nullopt;
    return port{.number = read->first, .protocol = read->protocols[0]};
}

std::optional<icmp> read_icmp(const tree& field) {
    const auto type = parse_unsigned(field.text_of("type"));
    if (!type || *type > 255) return std::nullopt;
    return icmp{.v6 = field.text_of("family") == "IPv6", .type = static_cast<std::uint8_t>(*type)};
}

}  // namespace cpg
