// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/connection.hpp"

#include <tuple>

#include "base/text.hpp"

namespace cpg {

namespace {

std::string address_text(const address& address) {
    const std::string cidr = host_cidr(address);
    return cidr.substr(0, cidr.find('/'));
}

std::string labels_of(const connection_end& end) {
    std::string out;
    for (const std::string& each : end.labels) {
        const std::string_view text = each;
        if (!text.starts_with("k8s:") || text.starts_with("k8s:io.")) continue;
        out += (out.empty() ? "" : ",") + each.substr(4);
    }
    return out;
}

}  // namespace

std::strong_ordering operator<=>(const connection& a, const connection& b) {
    const auto key = [](const connection& of) {
        return std::tie(*of.subject, of.direction, *of.peer, of.address, of.protocol, of.port, of.request);
    };
    return key(a) <=> key(b);
}

std::string name_of_end(const connection_end& end, const std::optional<address>& address) {
    if (address) return end.name.empty() ? address_text(*address) : end.name;
    if (end.reserved != reserved_identity::none) return "entity " + std::string(to_string(end.reserved));
    std::string name = end.name.empty() ? labels_of(end) : end.name;
    if (name.empty()) name = "(no labels)";
    return end.pod_namespace.empty() ? name : end.pod_namespace + "/" + name;
}

std::string name_of_port(const connection& connection) {
    const bool icmp = connection.protocol == l4_protocol::icmpv4 || connection.protocol == l4_protocol::icmpv6;
    std::string out(to_string(connection.protocol));
    out += (icmp ? " type " : "/") + std::to_string(connection.port);
    const connection_request& request = connection.request;
    if (request.kind == l7_kind::http) out += " HTTP " + request.method + " " + request.target;
    if (request.kind == l7_kind::dns) out += " DNS " + request.target;
    return out;
}

std::string sentence_of(const connection& connection) {
    const std::string subject = name_of_end(*connection.subject);
    const std::string peer = name_of_end(*connection.peer, connection.address);
    const bool ingress = connection.direction == direction::ingress;
    return (ingress ? peer + " to " + subject : subject + " to " + peer) + " " + name_of_port(connection);
}

}  // namespace cpg
