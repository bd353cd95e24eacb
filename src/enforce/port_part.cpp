// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/port_part.hpp"

#include <algorithm>

namespace cpg {

namespace {

finding names_port(const port_entry& entry, l4_protocol protocol, std::uint16_t port) {
    if (std::ranges::find(entry.protocols, protocol) == entry.protocols.end()) return found(false);
    if (!entry.name.empty()) return open(open_question::named_port);
    return found(entry.all || (port >= entry.first && port <= entry.last));
}

std::string protocols_text(const port_entry& entry) {
    std::string out;
    for (const l4_protocol each : entry.protocols)
        out += (out.empty() ? "" : "+") + std::string(to_string(each));
    return out == "TCP+UDP+SCTP" ? "ANY" : out;
}

bool is_icmp(const port_entry& entry) {
    return !entry.protocols.empty() &&
           (entry.protocols[0] == l4_protocol::icmpv4 || entry.protocols[0] == l4_protocol::icmpv6);
}

}  // namespace

finding names_port(const port_part& part, l4_protocol protocol, std::uint16_t port) {
    finding out;
    for (const port_entry& each : part.ports)
        out = any_of(out, names_port(each, protocol, port));
    return out;
}

std::string describe(const port_entry& entry) {
    const std::string protocol = protocols_text(entry);
    if (entry.all) return "every " + protocol + (is_icmp(entry) ? " type" : " port");
    if (!entry.name.empty()) return protocol + "/" + entry.name;
    const std::string range = entry.last > entry.first ? "-" + std::to_string(entry.last) : "";
    return protocol + (is_icmp(entry) ? " type " : "/") + std::to_string(entry.first) + range;
}

std::string describe(const port_part& part) {
    constexpr std::size_t most_named = 5;
    std::string out;
    for (std::size_t i = 0; i < std::min(part.ports.size(), most_named); ++i)
        out += (i > 0 ? ", " : "") + describe(part.ports[i]);
    return part.ports.size() > most_named ? out + ", …" : out;
}

}  // namespace cpg
