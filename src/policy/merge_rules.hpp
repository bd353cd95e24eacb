// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Adds what one direction of a spec lacks: ports, ICMP types, requests and names go into the rule of exactly the same
// peer, or into a new rule at the end. Private to merge. One thread at a time.

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
    /// Throws yaml_error when the direction is there and is no list.
    rule_merge(yaml_editor& editor, const tree& spec, direction direction, std::vector<std::string>& warnings);

    void add(const std::vector<rule>& wanted);

  private:
    const tree* find_rule(const peer& peer, std::string_view member) const;
    void add_to_peer(const rule& wanted);
    void add_ports(const peer& peer, std::set<port> lacking);
    void add_icmps(const peer& peer, const std::set<icmp>& lacking);
    void add_l7(const peer& peer, const l7_port& wanted);
    l7_port lacking_l7(const peer& peer, const l7_port& wanted);
    void add_names(const rule& wanted);
    bool has_name(const std::string& name, const rule& wanted) const;
    const tree* find_names_rule(const rule& wanted) const;
    void update_comment(const tree& target, const rule& before, const rule& after);
    void write_comments();
    void add_rule(const rule& rule);
    void write_new_rules();

    yaml_editor& editor_;
    const tree& spec_;
    direction direction_;
    std::vector<std::string>& warnings_;
    const tree* list_;
    rule_list rules_;  ///< of `list_`
    std::vector<rule> new_rules_;
    std::map<const tree*, std::pair<rule, rule>> extended_;  ///< what each said before and says after
};

}  // namespace cpg
