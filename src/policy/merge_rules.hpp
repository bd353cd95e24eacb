// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Adds what one direction of a spec lacks: ports, ICMP types, requests and names go into the rule of exactly the same
// peer, or into a new rule at the end. A filter that stands there is never voided: where it lets the packet through, a
// plain port beside it would. Rules that cpg printed and nobody has touched may be printed anew. Private to merge. One
// thread at a time.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "policy/policy.hpp"
#include "policy/rule_list.hpp"
#include "policy/tree.hpp"
#include "policy/yaml_editor.hpp"

namespace cpg {

class rule_merge {
  public:
    /// `spec` gets new rules; `specs` are all that select the same pods, `spec` among them. `wanted`
    /// tells the namespace and what is known of its peers.
    /// `managed`: the policy is labelled as cpg's. Throws yaml_error when the direction is there and is no list.
    rule_merge(yaml_editor& editor, const tree& spec, std::span<const tree* const> specs, direction direction,
               const policy& wanted, bool managed, std::vector<std::string>& warnings);

    void add(const std::vector<rule>& wanted);

  private:
    const file_rule* find_rule(const peer& peer, std::string_view member) const;
    const tree* find_shared_rule(const peer& peer, const std::set<port>& ports) const;
    void add_to_peer(const rule& wanted);
    void add_each(const rule& wanted);
    std::set<port> lacking_ports(const rule& wanted) const;
    void add_ports(const peer& peer, std::set<port> lacking);
    bool add_under_filter(const peer& peer, const port& port);
    void add_icmps(const peer& peer, const std::set<icmp>& lacking);

    l7_port lacking_requests(const peer& peer, const l7_port& wanted) const;
    void add_requests_of_one(rule& one);
    void add_requests(const peer& peer, const l7_port& wanted);
    bool may_add_requests(const peer& peer, const port& on);
    bool refine(const peer& peer, const l7_port& wanted);
    std::set<port> fit_for_queries(const peer& peer, const std::set<port>& ports);
    void add_queries(const peer& peer, l7_port wanted);
    std::set<port> under_a_filter(const peer& peer, const std::set<port>& ports);
    void add_l7(const peer& peer, const l7_port& lacking);

    void extend_shared(const tree& target, const rule& lacking);
    bool is_of_own_list(const tree* rule) const;
    void touch(const tree& target, const peer& peer);
    void write_comments();
    void add_rule(const rule& rule);
    void write_new_rules();

    yaml_editor& editor_;
    const tree& spec_;
    direction direction_;
    bool managed_;
    std::vector<std::string>& warnings_;
    const tree* list_;
    rule_list rules_;  ///< of all specs
    std::vector<rule> new_rules_;
    std::map<peer, std::size_t> new_rule_of_;  ///< the first one
    std::map<const tree*, peer> touched_;      ///< rules of the file that were extended
};

}  // namespace cpg
