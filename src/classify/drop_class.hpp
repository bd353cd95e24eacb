// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What each of Cilium's drop reasons means for a policy: only some denials can be mended by an allow rule. The one
// table of numbers, names, classes and hints. Immutable; any thread.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flow/flow.hpp"

namespace cpg {

/// Version of the table, written into cluster-health.json: cpg's own, then the Cilium release it was made from.
inline constexpr std::string_view classifier_version = "1.0.0-cilium1.19.4";

enum class drop_class : std::uint8_t {
    policy,          ///< no rule allowed it: makes a rule
    infra,           ///< a fault of the datapath or the cluster that no policy mends
    transient,       ///< start-up and conntrack noise
    noise,           ///< not an error
    deny_rule,       ///< an explicit deny rule matched, which wins over every allow
    auth,            ///< allowed, but mutual authentication has not happened yet
    service_config,  ///< loadBalancerSourceRanges of a Service
    unknown,         ///< not in the table: reported, never made into a rule
};

/// `policy`, `infra`, …
std::string_view to_string(drop_class kind);

struct drop_reason {
    std::uint32_t number;  ///< flow.DropReason (cilium:api/v1/flow/flow.proto), bpf/lib/drop_reasons.h for 159
    std::string_view name;
    drop_class kind;
    std::string_view hint;  ///< a page of Cilium's documentation, or empty
};

/// All reasons by number.
std::span<const drop_reason> drop_reasons();

/// The row with this number or name (any case), or null.
const drop_reason* find_drop_reason(std::uint32_t number);
const drop_reason* find_drop_reason(std::string_view name);

/// Why a flow was dropped: `drop_reason_desc`, else the number in `drop_reason`, else the sub-type of a drop event. A
/// flow with none of them counts as policy denied. Null when the table has no such reason; then unknown_reason_name()
/// says what the flow called it.
const drop_reason* drop_reason_of(const flow& flow);
std::string unknown_reason_name(const flow& flow);

}  // namespace cpg
