// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Whether a person's wider peer - fewer labels, an expression, a prefix, an entity - takes in a peer of cpg's:
// certainly, which is what an addition may rest on, or perhaps, where the file alone does not tell. Pure; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "flow/address.hpp"
#include "policy/tree.hpp"
#include "request/rule_key.hpp"

namespace cpg {

/// A peer, read once to be compared with many entries. Refers to it.
struct known_peer {
    /// `further`: labels that its pods are known to have beside those that select them, keys bare.
    known_peer(const peer& peer, std::string_view pod_namespace, const selector& further = {});

    const peer* who;
    peer_kind kind;
    bool in_own_namespace = true;
    bool in_own_cluster = true;
    std::vector<std::pair<std::string, std::string>> labels;  ///< bare keys; the namespace always, sorted
    std::optional<cidr> address;                              ///< of a cidr peer
};

enum class cover : std::uint8_t {
    no,
    perhaps,  ///< of the peer's pods or names some, or by what cpg does not know
    certain,  ///< all of the peer
};

/// Whether `entry`, an item of the L3 member `name` (`fromEndpoints`, `toCIDRSet`, ...), takes in the peer.
cover cover_of(std::string_view name, const tree& entry, const known_peer& peer);

/// A label that everybody has whom the entry takes in, by which it is found; nothing when there is none but namespace
/// and cluster.
std::optional<std::pair<std::string_view, std::string_view>> telling_label(const tree& selector);

}  // namespace cpg
