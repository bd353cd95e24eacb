// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The names of the enumerations of cilium:api/v1/flow/flow.proto and relay.proto, as protobuf's JSON writes them. Any
// thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "flow/flow.hpp"

namespace cpg {

/// The enumerator of this name; one that is not known is the enumeration's zero.
verdict verdict_of(std::string_view name);
direction direction_of(std::string_view name);
flow_type flow_type_of(std::string_view name);
l7_type l7_type_of(std::string_view name);

/// "HUBBLE_RING_BUFFER", …: flow.LostEventSource. A number that is not known is its own name.
std::string lost_source_name(std::uint32_t number);
/// "NODE_CONNECTED", …: relay.NodeState, likewise.
std::string node_state_name(std::uint32_t number);

}  // namespace cpg
