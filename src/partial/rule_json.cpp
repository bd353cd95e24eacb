// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "partial/rule_json.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "flow/address.hpp"
#include "request/l7_request.hpp"

namespace cpg {

namespace json = boost::json;

namespace {

constexpr std::array peer_kinds = {"endpoint", "entity", "cidr", "fqdn"};
constexpr std::array protocols = {l4_protocol::tcp, l4_protocol::udp, l4_protocol::sctp, l4_protocol::icmpv4,
                                  l4_protocol::icmpv6};

bool is_icmp(l4_protocol protocol) {
    return protocol == l4_protocol::icmpv4 || protocol == l4_protocol::icmpv6;
}

direction read_direction(const json::value& from) {
    const std::string_view name = text_in(from, "the direction");
    if (name == to_string(direction::ingress)) return direction::ingress;
    if (name == to_string(direction::egress)) return direction::egress;
    throw part_error("the direction is neither ingress nor egress");
}

l4_protocol read_protocol(const json::value& from) {
    const std::string_view name = text_in(from, "the protocol");
    const auto found = std::ranges::find(protocols, name, [](l4_protocol each) { return to_string(each); });
    if (found == protocols.end()) throw part_error("the protocol is unknown");
    return *found;
}

std::uint16_t read_port(const json::value& from, l4_protocol protocol) {
    constexpr std::uint64_t most_type = 255;
    constexpr std::uint64_t most_port = 65535;
    const auto port = unsigned_in(from, "the port", is_icmp(protocol) ? most_type : most_port);
    if (port == 0 && !is_icmp(protocol)) throw part_error("the port is 0");
    return static_cast<std::uint16_t>(port);
}

std::string read_entity(std::string_view name) {
    for (auto each = reserved_identity::kube_apiserver; each <= reserved_identity::world;
         each = static_cast<reserved_identity>(static_cast<int>(each) + 1))
        if (to_string(each) == name) return std::string(name);
    throw part_error("the entity is unknown");
}

std::vector<std::string> read_names(const json::value& from) {
    std::vector<std::string> out = texts_in(from, "the names");
    const std::vector<std::string_view> views(out.begin(), out.end());
    if (out.empty() || dns_names_of(views) != out) throw part_error("the names are no sorted names of DNS");
    return out;
}

// A visible character of a path, or of what cpg has put around it.
bool is_pattern(std::string_view text) {
    constexpr std::size_t most_bytes = 2 * 8192 + 16;
    return text.starts_with("^/") && text.ends_with('$') && text.size() <= most_bytes &&
           std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

void append(json_out& to, const l7_match& match) {
    switch (match.kind) {
        case l7_kind::none: to.nothing(); break;
        case l7_kind::http: to.begin('[').text("http").text(match.method).text(match.value).end(']'); break;
        case l7_kind::dns: to.begin('[').text("dns").text(match.value).end(']'); break;
    }
}

l7_match read_http(const json::array& from) {
    if (from.size() != 3) throw part_error("the request has no method and path");
    l7_match out =
        l7_match::http(std::string(text_in(from[1], "the method")), std::string(text_in(from[2], "the path")));
    if (!is_http_method(out.method) || upper(out.method) != out.method) throw part_error("the method is none");
    if (!is_pattern(out.value)) throw part_error("the path is no pattern of one");
    return out;
}

l7_match read_match(const json::value& from) {
    if (from.is_null()) return {};
    const json::array& parts = list_in(from, "the request");
    const std::string_view kind = parts.empty() ? "" : text_in(parts[0], "the request");
    if (kind == "http") return read_http(parts);
    if (kind != "dns" || parts.size() != 2) throw part_error("the request is neither HTTP nor DNS");
    l7_match out = l7_match::dns(std::string(text_in(parts[1], "the query")));
    if (dns_name_of(out.value) != out.value) throw part_error("the query is for no name");
    return out;
}

}  // namespace

std::string read_host_cidr(std::string_view text) {
    const auto read = parse_cidr(text);
    if (!read || host_cidr(read->address) != text) throw part_error("the address is none");
    return std::string(text);
}

selector read_selector(const json::value& from, std::string_view what) {
    selector out = pairs_in(from, what);
    const auto not_in_order = [](const auto& a, const auto& b) { return a.first >= b.first; };
    if (std::ranges::adjacent_find(out, not_in_order) != out.end())
        throw part_error(std::string(what) + " are not sorted");
    for (const auto& [key, value] : out)
        if (!is_valid_label_key(key) || !(is_valid_label_value(value) || is_dns_subdomain(value)))
            throw part_error(std::string(what) + " are none that Kubernetes takes");
    return out;
}

std::string read_cluster(const json::value& from) {
    const std::string_view name = text_in(from, "the cluster");
    if (!name.empty() && !is_dns_subdomain(name)) throw part_error("the cluster is no name of one");
    return std::string(name);
}

void append(json_out& to, const peer& peer) {
    to.begin('[').text(peer_kinds[static_cast<std::size_t>(peer.kind)]);
    switch (peer.kind) {
        case peer_kind::endpoint: to.pairs(peer.labels); break;
        case peer_kind::entity:
        case peer_kind::cidr: to.text(peer.name); break;
        case peer_kind::fqdn: to.texts(peer.names); break;
    }
    to.end(']');
}

peer read_peer(const json::value& from) {
    const json::array& parts = list_in(from, "the peer", 2);
    const auto kind = std::ranges::find(peer_kinds, text_in(parts[0], "the peer's kind"));
    if (kind == peer_kinds.end()) throw part_error("the peer's kind is unknown");
    peer out;
    out.kind = static_cast<peer_kind>(kind - peer_kinds.begin());
    switch (out.kind) {
        case peer_kind::endpoint: out.labels = read_selector(parts[1], "the peer's labels"); break;
        case peer_kind::entity: out.name = read_entity(text_in(parts[1], "the entity")); break;
        case peer_kind::cidr: out.name = read_host_cidr(text_in(parts[1], "the address")); break;
        case peer_kind::fqdn: out.names = read_names(parts[1]); break;
    }
    if (out.kind == peer_kind::endpoint && out.labels.empty()) throw part_error("the peer has no labels");
    return out;
}

void append(json_out& to, const dns_server& server) {
    to.begin('[');
    append(to, server.peer);
    to.number(server.port).end(']');
}

dns_server read_server(const json::value& from) {
    const json::array& parts = list_in(from, "the server", 2);
    dns_server out{.peer = read_peer(parts[0]), .port = number_in<std::uint16_t>(parts[1], "the server's port")};
    if (out.peer.kind == peer_kind::fqdn) throw part_error("the server is a name");
    return out;
}

void append(json_out& to, const dns_server_place& place) {
    to.begin('[');
    append(to, place.server);
    to.text(place.pod_namespace).text(place.cluster).end(']');
}

dns_server_place read_server_place(const json::value& from) {
    const json::array& parts = list_in(from, "the server's place", 3);
    dns_server_place out{.server = read_server(parts[0]),
                         .pod_namespace = std::string(text_in(parts[1], "the server's namespace")),
                         .cluster = read_cluster(parts[2])};
    if (!out.pod_namespace.empty() && !is_dns_label(out.pod_namespace))
        throw part_error("the server's namespace is no name of one");
    return out;
}

void append_members(json_out& to, const rule_key& key) {
    to.text(to_string(key.direction));
    append(to, key.peer);
    to.text(to_string(key.protocol)).number(key.port);
    append(to, key.l7);
}

rule_key read_rule_key(const json::array& from) {
    if (from.size() < rule_key_members) throw part_error("the rule is too short");
    rule_key out{.direction = read_direction(from[0]),
                 .peer = read_peer(from[1]),
                 .protocol = read_protocol(from[2]),
                 .port = 0,
                 .l7 = read_match(from[4])};
    out.port = read_port(from[3], out.protocol);
    if ((out.peer.kind == peer_kind::fqdn) != (out.l7.kind == l7_kind::dns))
        throw part_error("the rule is for a name without a query, or for a query without one");
    if (out.l7.kind == l7_kind::dns && out.direction != direction::egress) throw part_error("the query comes in");
    if (out.l7.kind == l7_kind::http && out.protocol != l4_protocol::tcp)
        throw part_error("the request is not over TCP");
    return out;
}

}  // namespace cpg
