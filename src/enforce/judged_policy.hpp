// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A policy of a file, read once into rules that flows are asked about. Immutable once read; any thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "enforce/label_selector.hpp"
#include "enforce/peer_part.hpp"
#include "enforce/port_part.hpp"
#include "enforce/reading.hpp"
#include "flow/flow.hpp"
#include "policy/tree.hpp"

namespace cpg {

enum class policy_kind : std::uint8_t { cilium, cilium_clusterwide, kubernetes };
/// `CiliumNetworkPolicy`, …
std::string_view to_string(policy_kind kind);

/// authentication.mode.
enum class authentication : std::uint8_t { none, disabled, required, always_fail };

struct judged_rule {
    cpg::direction direction = cpg::direction::unknown;
    bool denies = false;
    bool default_deny = true;  ///< puts the pods that it selects into default deny
    /// Which selector of the policy: `spec` and each of `specs` select pods of their own.
    std::size_t selector = 0;
    bool everybody = false;  ///< no L3 member: with ports, every peer; without any, nobody
    std::vector<peer_part> peers = {};
    bool every_port = false;  ///< no L4 member: all that there is, ICMP too
    std::vector<port_part> ports = {};
    cpg::authentication authentication = cpg::authentication::none;
    std::size_t line = 0;  ///< from 1
};

struct judged_policy {
    policy_kind kind = policy_kind::cilium;
    std::string file = {};
    std::size_t line = 0;   ///< from 1
    std::size_t bytes = 0;  ///< of its document
    std::string pod_namespace = {};
    std::string name = {};
    std::vector<label_selector> selectors = {};
    std::vector<bool> selects_nodes = {};  ///< by nodeSelector; as many as selectors
    std::vector<judged_rule> rules = {};
    std::vector<policy_fault> refusals =
        {};                                 ///< why Cilium or the API server does not take it: none of its rules counts
    std::vector<policy_fault> doubts = {};  ///< why they may not
    std::vector<policy_fault> remarks = {};
    open_question doubt = open_question::none;  ///< with doubts: what they make unknown

    bool is_refused() const { return !refusals.empty(); }
    bool is_doubtful() const { return !doubts.empty(); }
};

/// `policies/production/api.yaml:12`.
std::string place_of(const judged_policy& policy, const judged_rule& rule);

}  // namespace cpg
