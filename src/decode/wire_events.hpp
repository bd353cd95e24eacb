// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What stands in an observer.GetFlowsResponse in place of a flow, read from the wire. Private to decode_proto. Throw
// wire_error. Any thread.

#include <string_view>

#include "flow/flow.hpp"

namespace cpg {

lost_events read_lost(std::string_view bytes);
node_status read_node_status(std::string_view bytes);

}  // namespace cpg
