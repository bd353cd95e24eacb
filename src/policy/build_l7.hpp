// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What requests and names add to a policy: HTTP rules on ports, toFQDNs rules, and the companion rule to kube-dns that
// makes names known to Cilium at all (cilium:pkg/policy/api/egress.go). Pure; one thread at a time.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "policy/policy.hpp"

namespace cpg {

/// Adds an HTTP request to a port of the rule. A port for which requests are known is not opened at L4 as well: that
/// would void them.
void add_http(rule& to, const port& port, const l7_match& match);

/// The names that a workload asks for and connects to.
class named_peers {
  public:
    void add(const rule_key& key);
    /// Queries were seen, and not only connections.
    bool has_queries() const { return !asked_.empty(); }
    bool empty() const { return asked_.empty() && connected_.empty(); }
    /// Every name.
    std::set<std::string> names() const;
    /// One toFQDNs rule for the queries, then one for each set of ports.
    std::vector<rule> rules() const;

  private:
    std::set<std::string> asked_;
    std::map<std::string, std::set<port>> connected_;
};

/// The rule to kube-dns with `rules.dns`: every name that is known. Where plain DNS drops to kube-dns were seen and no
/// query, what was asked is not known, and all names are allowed. It takes the place of a plain port 53 there, which
/// would void it.
void add_companion(std::map<peer, rule>& egress, const named_peers& named, const std::string& pod_namespace);

/// 53 UDP and TCP.
const std::set<port>& dns_ports();

}  // namespace cpg
