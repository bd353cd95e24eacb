// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The rules of one direction of the specs for the same pods by the peers that they apply to, so that a file with
// thousands of rules is looked through once and not once for each wanted one. A rule applies to a peer that it names as
// cpg would, and to one that its wider selector, prefix or entity takes in for certain. Refers to the specs, which must
// outlive it and stay as they are. One thread at a time.

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/file_rule.hpp"
#include "policy/policy.hpp"
#include "policy/tree.hpp"

namespace cpg {

/// What the rules that apply to one peer say together. Refers to the list that it comes from.
class peer_rules {
  public:
    using rules = std::vector<const file_rule*>;

    /// `for_everybody` apply, too, and are not among those that applying() tells.
    peer_rules(rules for_everybody, rules applying, rules exactly);

    /// The rules that apply to the peer, perhaps to others as well.
    const rules& applying() const { return applying_; }
    /// The rules whose L3 part is exactly this peer alone, so that they may be extended for it, in the file's order.
    const rules& exactly() const { return exactly_; }

    /// True when one of the rules gives the peer the port: at L4, or for every DNS name.
    bool opens(const port& port) const;
    /// True when one of the rules names the port for the peer, whatever filter is behind it.
    bool lets_through(const port& port) const;
    bool opens(const icmp& icmp) const;
    bool allows(const port& port, const l7_match& match) const;
    /// True when this rule opens the port for the peer and no other one does.
    bool opened_only_by(const file_rule& rule, const port& port) const;

  private:
    template <class Says>
    bool any_says(Says says) const;

    rules for_everybody_;
    rules applying_;
    rules exactly_;
};

class rule_list {
  public:
    /// `specs` are united, as Cilium does it, in the policy's namespace.
    /// `further` are labels that the pods of some peers are known to have beside those that select them.
    rule_list(std::span<const tree* const> specs, direction direction, std::string_view pod_namespace,
              std::map<peer, selector> further = {});
    rule_list(const rule_list&) = delete;
    rule_list& operator=(const rule_list&) = delete;
    rule_list(rule_list&&) = default;

    /// Until the next call.
    const peer_rules& of(const peer& peer) const;
    /// All that there are.
    const std::deque<file_rule>& all() const { return all_; }

  private:
    struct entry {
        const file_rule* rule;
        std::string_view member;  ///< `fromEndpoints`, ...
        const tree* item;
    };

    void add(const file_rule& rule);
    void add_wide(const entry& each);
    peer_rules::rules naming(const peer& peer) const;
    peer_rules::rules exactly(const peer_rules::rules& naming, const peer& peer) const;
    void add_taking_in(peer_rules::rules& to, const peer& peer) const;

    direction direction_;
    std::string pod_namespace_;
    std::map<peer, selector> further_;
    std::deque<file_rule> all_;        ///< which stay where they are
    peer_rules::rules for_everybody_;  ///< without L3 part, but with ports or ICMP types
    // By an L3 member's name and one of its entries; rules with two members apply to nobody for certain.
    std::unordered_map<std::string, peer_rules::rules> by_entry_;
    std::unordered_map<std::string, std::vector<entry>> wide_by_label_;
    std::vector<entry> wide_;            ///< those without a telling label
    mutable std::optional<peer> asked_;  ///< the last one: its ports are asked for one after the other
    mutable std::optional<peer_rules> answer_;
};

}  // namespace cpg
