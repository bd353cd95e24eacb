// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Who a rule is about: one entry of its L3 member, or what an entry stands for. Immutable once read; any thread.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "enforce/label_selector.hpp"
#include "enforce/name_pattern.hpp"
#include "flow/address.hpp"

namespace cpg {

/// Addresses outside of the cluster. A policy's prefixes select neither pods nor nodes, as the agent is by default
/// (policy-cidr-match-mode).
struct prefix_peer {
    cidr prefix;
    std::vector<cidr> except;
};

/// A peer that cpg can't tell: whoever is of these may be it.
struct open_peer {
    open_question why = open_question::none;
    bool world = false;
    bool others = false;  ///< pods, nodes and the like
};

struct peer_part {
    std::variant<label_selector, prefix_peer, name_pattern, open_peer> who;
    std::string text;      ///< for people: `app=web`, `10.0.0.0/8`, `entity world`
    std::size_t line = 0;  ///< from 1
};

/// The names that the agent can know for the address of a peer.
struct learned_names {
    std::span<const std::string> taught;     ///< by rules.dns of the subject's own policies
    std::span<const std::string> elsewhere;  ///< by those of other pods only, which may be on the same node
    bool none_known = false;                 ///< no flow gives a name for the address
};

finding matches(const peer_part& part, const identity& who, const learned_names& names);

/// The same for parts that are one selector to Cilium.
std::string key_of(const peer_part& part);

}  // namespace cpg
