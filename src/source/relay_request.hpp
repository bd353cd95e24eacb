// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What cpg asks of Hubble: flows from now on, since a point in time, or up to one. Pure; any thread.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "observer/observer.pb.h"

namespace cpg {

struct wanted_flows {
    bool l7 = false;         ///< L7 requests too, whatever became of them
    bool audit = false;      ///< what policy audit mode let through, too
    bool forwarded = false;  ///< what shows that a connection was let through, too
};

/// Dropped flows, with `l7` also the L7 requests that were let through, with `forwarded` also the events that show an
/// allowed connection behind service translation, that have a pod of one of `namespaces` (none:
/// of any) at either end. The server can't filter for the policy's subject, so the caller looks at that again.
/// `since_ns` counts from the epoch.
/// Without `until_ns` the stream follows; with it, it ends after what the rings hold up to then.
observer::GetFlowsRequest flows_request(std::span<const std::string> namespaces, wanted_flows wanted,
                                        std::optional<std::int64_t> since_ns,
                                        std::optional<std::int64_t> until_ns = std::nullopt);

}  // namespace cpg
