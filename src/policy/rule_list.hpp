// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The rules of one direction of a spec by the peers that they apply to, so that a file with thousands of rules is
// looked through once and not once for each wanted one. Refers to the spec, which must outlive it and stay as it is.
// Pure; any thread.

#include <string>
#include <unordered_map>
#include <vector>

#include "policy/policy.hpp"
#include "policy/tree.hpp"

namespace cpg {

class rule_list {
  public:
    /// `list` is `ingress` or `egress` of a spec, or null.
    rule_list(const tree* list, direction direction);

    /// The rules whose L3 part is exactly this peer alone, so that they may be extended for it, in the file's order.
    std::vector<const tree*> exactly_of(const peer& peer) const;
    /// True when one of the rules gives the peer the port: at L4, or for every DNS name.
    bool opens_port(const peer& peer, const port& port) const;
    /// True when one of the rules names the port for the peer, whatever filter is behind it.
    bool lets_through(const peer& peer, const port& port) const;
    bool opens_icmp(const peer& peer, const icmp& icmp) const;
    /// True when this rule opens the port for the peer and no other one does.
    bool opened_only_by(const tree& rule, const peer& peer, const port& port) const;
    bool allows_match(const peer& peer, const port& port, const l7_match& match) const;

  private:
    std::vector<const tree*> applying_to(const peer& peer) const;

    direction direction_;
    std::vector<const tree*> for_everybody_;  ///< without L3 part, but with ports or ICMP types
    // By an L3 member's name and one of its entries; rules with two members apply to nobody for certain.
    std::unordered_map<std::string, std::vector<const tree*>> by_entry_;
};

}  // namespace cpg
