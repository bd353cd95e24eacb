// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What cpg asks of Hubble: flows from now on, since a point in time, or up to one. Pure; any thread.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "observer/observer.pb.h"

namespace cpg {

/// What the wire decoder reads of a flow.Flow, as a field mask names it. All of it is known to every Hubble that takes
/// a mask from GetFlowsRequest.field_mask (Cilium 1.16, cilium:api/v1/observer/observer.proto), since one name that a
/// server does not know makes it refuse the request; older ones send whole flows. Not in it is `aggregate` (1.19),
/// which only Hubble's exporters set.
std::span<const std::string_view> fields_read();

struct wanted_flows {
    bool l7 = false;         ///< L7 requests too, whatever became of them
    bool audit = false;      ///< what policy audit mode let through, too
    bool forwarded = false;  ///< what shows that a connection was let through, too
    bool whole = false;      ///< all that Hubble tells of a flow, not only what cpg reads
};

/// Dropped flows, with `l7` also the L7 requests that were let through, with `forwarded` also the events that show an
/// allowed connection behind service translation, that have a pod of one of `namespaces` (none:
/// of any) at either end. The server can't filter for the policy's subject, so the caller looks at that again.
/// Of each flow only `fields_read()`, unless `whole`. `since_ns` counts from the epoch.
/// Without `until_ns` the stream follows; with it, it ends after what the rings hold up to then.
observer::GetFlowsRequest flows_request(std::span<const std::string> namespaces, wanted_flows wanted,
                                        std::optional<std::int64_t> since_ns,
                                        std::optional<std::int64_t> until_ns = std::nullopt);

}  // namespace cpg
