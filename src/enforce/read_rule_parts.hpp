// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The parts of a rule of a CiliumNetworkPolicy (cilium:pkg/policy/api). Pure; any thread.

#include <optional>
#include <string_view>
#include <vector>

#include "enforce/judged_policy.hpp"

namespace cpg {

/// Where a rule stands: the agent adds to its selectors by that.
struct policy_place {
    std::string_view pod_namespace;
    bool clusterwide = false;
    bool selects_init = false;
    bool selects_nodes = false;
};

struct rule_parts {
    bool everybody = false;
    std::vector<peer_part> peers;
    bool every_port = false;
    std::vector<port_part> ports;
    cpg::authentication authentication = cpg::authentication::none;
    open_question doubt = open_question::none;  ///< what keeps it open whether the policy is in force
};

rule_parts read_rule_parts(const tree& rule, direction direction, bool denies, const policy_place& place,
                           reading& reading);

/// The peers of a rule; `parts` gets everybody, peers and doubt.
void read_peers(const tree& rule, direction direction, bool denies, const policy_place& place, reading& reading,
                rule_parts& parts);
/// toPorts and icmps.
void read_ports(const tree& rule, direction direction, bool denies, const policy_place& place, reading& reading,
                rule_parts& parts);
/// `rules` of an entry of toPorts.
request_part read_requests(const tree& rules, reading& reading);
/// matchName or matchPattern; nothing when it is refused.
std::optional<name_pattern> read_name_pattern(const tree& entry, reading& reading);
/// The ICMP type with this name, or nothing (cilium:pkg/policy/api/icmp.go).
std::optional<std::uint8_t> icmp_type_of_name(std::string_view name, bool v6);

}  // namespace cpg
