// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A flow that passed every gate and makes a rule, with the parts of the rule found. Points into its batch and owns
// nothing, so making one costs no allocation. Immutable; any thread, as long as the batch lives.

#include <cstdint>
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
    peer_kind kind = peer_kind::endpoint;
    std::string_view peer_namespace;  ///< endpoint
    reserved_identity entity = reserved_identity::none;
    cpg::address address;    ///< cidr
    std::uint16_t port = 0;  ///< for ICMP the type
};

/// What the candidate asks for. Its L7 record, if it has one, has been checked.
rule_key rule_key_of(const candidate& candidate);

}  // namespace cpg
