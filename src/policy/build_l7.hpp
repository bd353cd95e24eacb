// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What requests and names add to a policy: HTTP rules on ports, toFQDNs rules, and the companion rules to the DNS
// servers that make names known to Cilium at all (cilium:pkg/policy/api/egress.go). Pure; one thread at a time.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "policy/policy.hpp"

namespace cpg {

/// Adds an HTTP request to a port of the rule. A port for which requests are known is not opened at L4 as well: that
/// would void them.
void add_http(rule& to, const port& port, const l7_match& match);

/// `names`, and the servers that plain connections among the keys go to: where there are some, the workload's own flows
/// tell.
name_service with_servers_of(const std::vector<rule_key>& keys, const name_service& names);

/// The names that a workload asks for and connects to.
class named_peers {
  public:
    explicit named_peers(const name_service& names);

    void add(const rule_key& key);
    /// Queries were seen, and not only connections.
    bool has_queries() const { return asked_within_ || !asked_.empty(); }
    bool need_a_server() const;
    /// Every name outside the cluster, and the patterns for those inside: `*.cluster.local`, `*.*.cluster.local`, ...
    std::set<l7_match> lookups() const;
    /// One toFQDNs rule for the queries, then one for each set of ports.
    std::vector<rule> rules() const;
    /// The cluster's domains with the most labels below each.
    std::map<std::string, std::size_t> domains() const;

  private:
    bool add_within(const std::string& name);

    std::set<std::string> asked_;
    std::map<std::string, std::set<port>> connected_;
    std::map<std::string, std::size_t> domains_;
    std::size_t searched_ = 0;  ///< most labels that a search list puts below a domain
    bool asked_within_;         ///< for a name of the cluster
};

/// The rules to the DNS servers with `rules.dns`: every name that is known. Where plain connections to a server were
/// seen and no query, what was asked is not known, and all names are allowed. It takes the place of what else its port
/// is open for there, which would void it. Completes `service`.
void add_companions(std::map<peer, rule>& egress, const named_peers& named, name_service& service,
                    const std::string& pod_namespace);

/// UDP and TCP.
std::set<port> dns_ports(std::uint16_t number);

}  // namespace cpg
