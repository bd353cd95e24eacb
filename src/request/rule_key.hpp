// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The least that a flow asks for: one peer, one direction, one port or ICMP type, perhaps one L7 request. Rules are
// sets of these; evidence is kept for each. Values; any thread.

#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "flow/flow.hpp"
#include "flow/selector.hpp"

namespace cpg {

enum class peer_kind : std::uint8_t { endpoint, entity, cidr, fqdn };

/// Who is allowed. Two peers are the same only when all of it is.
struct peer {
    peer_kind kind = peer_kind::endpoint;
    shared_selector labels = {};          ///< endpoint: with namespace and cluster where they differ from the subject's
    std::string name = {};                ///< entity: its name; cidr: the prefix
    std::vector<std::string> names = {};  ///< fqdn: sorted names, lower-case, no trailing dot

    static peer endpoint(shared_selector labels) { return {.labels = std::move(labels)}; }
    static peer entity(std::string name) { return {.kind = peer_kind::entity, .name = std::move(name)}; }
    static peer cidr(std::string prefix) { return {.kind = peer_kind::cidr, .name = std::move(prefix)}; }
    static peer fqdn(std::vector<std::string> names) { return {.kind = peer_kind::fqdn, .names = std::move(names)}; }

    auto operator<=>(const peer&) const = default;
};

enum class l7_kind : std::uint8_t { none, http, dns };

struct l7_match {
    l7_kind kind = l7_kind::none;
    std::string method = {};  ///< http
    std::string value = {};   ///< http: the anchored path pattern; dns: the name

    static l7_match http(std::string method, std::string pattern) {
        return {.kind = l7_kind::http, .method = std::move(method), .value = std::move(pattern)};
    }
    static l7_match dns(std::string name) { return {.kind = l7_kind::dns, .value = std::move(name)}; }

    auto operator<=>(const l7_match&) const = default;
};

struct rule_key {
    cpg::direction direction = cpg::direction::unknown;
    cpg::peer peer;
    l4_protocol protocol = l4_protocol::none;
    std::uint16_t port = 0;  ///< for ICMP the type
    l7_match l7;

    auto operator<=>(const rule_key&) const = default;
};

/// `app=x in namespace y`, `10.0.0.1/32`, `entity host`: for comments and people.
std::string describe(const peer& peer);
/// The key of evidence, unique among the rules of a policy: `ingress:ep:app=x:TCP:8080`.
std::string to_string(const rule_key& key);

}  // namespace cpg
