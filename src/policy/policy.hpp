// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A CiliumNetworkPolicy as cpg makes it: the rules that one workload's flows ask for, before it is written or merged.
// Values; any thread.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "policy/rule_shape.hpp"
#include "request/name_service.hpp"
#include "request/rule_key.hpp"

namespace cpg {

/// Most entries of one ports or icmps list (cilium:pkg/policy/api maxPorts, maxICMPFields; CRD maxItems).
inline constexpr std::size_t most_list_entries = 40;

struct port {
    std::uint16_t number = 0;  ///< 1 to 65535
    l4_protocol protocol = l4_protocol::none;

    auto operator<=>(const port&) const = default;
};

struct icmp {
    bool v6 = false;
    std::uint8_t type = 0;

    auto operator<=>(const icmp&) const = default;
};

/// A port with the L7 requests that are allowed on it.
struct l7_port {
    std::set<cpg::port> ports;   ///< one for HTTP; UDP and TCP of one number for DNS
    std::set<l7_match> matches;  ///< of one kind; a DNS name with `*` for labels is a pattern
    bool any_dns = false;        ///< `matchPattern: "*"`: the matches are known, and all other names are allowed

    bool operator==(const l7_port&) const = default;
};

/// What one peer may do in one direction.
struct rule {
    cpg::peer peer;                      ///< `names` has the addresses (cidr) or names (fqdn) that it stands for
    std::set<port> ports = {};           ///< open at L4
    std::vector<l7_port> l7_ports = {};  ///< open for some requests
    std::set<icmp> icmps = {};           ///< written as a rule of its own
    bool port_ranges = false;            ///< runs of `ports` are written as ranges
    std::size_t seen_addresses = 0;      ///< with prefixes for many addresses: how many were seen
    /// With DNS rules: whose flows tell that this is the DNS server.
    told_by server_told_by = told_by::workload;

    bool operator==(const rule&) const = default;
};

struct policy {
    std::string pod_namespace;
    std::string workload;  ///< the file's name without `.yaml`
    cpg::selector endpoint_selector;
    /// What every pod seen of the workload has, keys bare and sorted: a person may have selected it by more labels.
    cpg::selector common_labels;
    std::vector<rule> ingress;  ///< one a peer, sorted; names outside the cluster one a set of ports, last
    std::vector<rule> egress;
    name_service names = {};  ///< who is asked for the names of the rules
    rule_shape shape = {};
    /// Of prefixes that stand for many addresses: how many were seen in their rule.
    std::map<std::string, std::size_t> seen_within = {};
    std::size_t too_many_names = 0;  ///< connections that are written by addresses because these have too many names

    /// Of the spec's enableDefaultDeny: false for this direction, so that the policy only allows (Cilium 1.16).
    bool ingress_only_allows = false;
    bool egress_only_allows = false;

    bool operator==(const policy&) const = default;
    bool empty() const { return ingress.empty() && egress.empty(); }
    /// `cpg-<workload>`.
    std::string name() const { return "cpg-" + workload; }
};

/// Addresses and names that share a rule, each in a rule of its own; any other rule as it is.
std::vector<rule> one_rule_a_peer(const rule& shared);

}  // namespace cpg
