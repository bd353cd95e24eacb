// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The rules of one direction of the specs for the same pods by the peers that they apply to, so that a file with
// thousands of rules is looked through once and not once for each wanted one. A rule applies to a peer that it names as
// cpg would, and to one that its wider selector, prefix or entity takes in for certain. Refers to the specs, which must
// outlive it and stay as they are. One thread at a time.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/policy.hpp"
#include "policy/tree.hpp"

namespace cpg {

class rule_list {
  public:
    /// `specs` are united, as Cilium does it, in the policy's namespace.
    /// `further` are labels that the pods of some peers are known to have beside those that select them.
    rule_list(std::span<const tree* const> specs, direction direction, std::string_view pod_namespace,
              std::map<peer, selector> further = {});

    /// The rules whose L3 part is exactly this peer alone, so that they may be extended for it, in the file's order.
    std::vector<const tree*> exactly_of(const peer& peer) const;
    /// The rules that apply to the peer, perhaps to others as well.
    const std::vector<const tree*>& applying_to(const peer& peer) const;
    /// True when one of the rules gives the peer the port: at L4, or for every DNS name.
    bool opens_port(const peer& peer, const port& port) const;
    /// True when one of the rules names the port for the peer, whatever filter is behind it.
    bool lets_through(const peer& peer, const port& port) const;
    bool opens_icmp(const peer& peer, const icmp& icmp) const;
    /// True when this rule opens the port for the peer and no other one does.
    bool opened_only_by(const tree& rule, const peer& peer, const port& port) const;
    bool allows_match(const peer& peer, const port& port, const l7_match& match) const;

  private:
    struct entry {
        const tree* rule;
        std::string_view member;  ///< `fromEndpoints`, ...
        const tree* item;
    };

    void add(const tree& rule);
    void add_wide(const entry& each);
    std::vector<const tree*> naming(const peer& peer) const;
    void add_taking_in(std::vector<const tree*>& to, const peer& peer) const;

    direction direction_;
    std::string pod_namespace_;
    std::map<peer, selector> further_;
    std::vector<const tree*> for_everybody_;  ///< without L3 part, but with ports or ICMP types
    // By an L3 member's name and one of its entries; rules with two members apply to nobody for certain.
    std::unordered_map<std::string, std::vector<const tree*>> by_entry_;
    std::unordered_map<std::string, std::vector<entry>> wide_by_label_;
    std::vector<entry> wide_;            ///< those without a telling label
    mutable std::optional<peer> asked_;  ///< the last one: its ports are asked for one after the other
    mutable std::vector<const tree*> applying_;
};

}  // namespace cpg
