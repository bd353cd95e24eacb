// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Filters as Hubble's server applies them (cilium:pkg/hubble/filters): verdict, event_type, reply, source_pod and
// destination_pod; what else a filter holds is not looked at. Pure; any thread.

#include "observer/observer.pb.h"

namespace cpg::sim {

/// In the whitelist, or there is none; and not in the blacklist.
bool is_asked_for(const observer::GetFlowsRequest& request, const ::flow::Flow& flow);

}  // namespace cpg::sim
