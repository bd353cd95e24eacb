// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Reads serialized observer.GetFlowsResponse messages straight from the wire, only the fields that cpg uses,
// without the generated classes: no allocation a flow, no copy of text. Any thread; touches nothing but its
// arguments. The bytes are not to be trusted: what is malformed is counted in the batch and never read beyond
// its end.

#include <cstdint>
#include <span>
#include <string_view>

#include "decode/decode_cache.hpp"
#include "flow/flow.hpp"

namespace cpg {

/// Appends what the messages hold to `batch`. Text is not copied: `messages` must lie in memory that lives as
/// long as the batch, as batch.bytes does. A malformed message adds nothing but to the malformed ones.
void decode_proto(std::span<const std::string_view> messages, decode_cache& cache, flow_batch& batch);

/// What is around the event of one message.
struct event_envelope {
    bool is_flow = false;      ///< false also for a message that is malformed
    std::int64_t time_ns = 0;  ///< 0 when absent
};

/// Reads the envelope and nothing that is inside.
event_envelope peek_proto(std::string_view message);

}  // namespace cpg
