// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A flow that passed every gate and makes a rule, with the parts of the rule found. Points into its batch and owns
// nothing, so making one costs no allocation. Immutable; any thread, as long as the batch lives.

#include <cstdint>
#include <optional>
#include <string_view>

#include "flow/address.hpp"
#include "flow/flow.hpp"
#include "request/rule_key.hpp"

namespace cpg {

struct candidate {
    const cpg::flow* flow = nullptr;
    /// The subject's: of a connection that was let through either may be meant, whatever the flow says.
    cpg::direction direction = cpg::direction::unknown;
    const endpoint* subject = nullptr;  ///< the side that dropped
    const endpoint* peer = nullptr;
    std::string_view subject_namespace;
    peer_kind kind = peer_kind::endpoint;  ///< of the rule's peer: fqdn for a query
    std::string_view peer_namespace;       ///< endpoint
    reserved_identity entity = reserved_identity::none;
    cpg::address address;    ///< cidr
    std::uint16_t port = 0;  ///< for ICMP the type; of a query the one that was asked
    bool has_names = false;  ///< Hubble gives names for the address
    bool by_name = false;    ///< and they are wanted
    /// Of a query: what kind of peer was asked, where the flow tells it. The members above then say which.
    std::optional<peer_kind> server;
};

/// Where a pod is.
struct pod_place {
    std::string_view pod_namespace;
    std::string_view cluster;  ///< empty: not known
};

/// Adds the labels by which a selector finds pods of another namespace or cluster than the policy's, and sorts.
void add_place(selector& labels, const pod_place& of, const pod_place& seen_from);

/// The candidate's peer, as one of this kind.
peer peer_of(const candidate& candidate, peer_kind kind);

/// What finds the candidate's peer, an endpoint.
selector peer_selector(const candidate& candidate);

/// What the candidate asks for. Its L7 record, if it has one, has been checked.
rule_key rule_key_of(const candidate& candidate);
/// The same, of an endpoint whose peer_selector() is at hand.
rule_key rule_key_of(const candidate& candidate, shared_selector peer_labels);

}  // namespace cpg
