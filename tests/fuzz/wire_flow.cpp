// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Serialized GetFlowsResponse messages, from the wire to policies and evidence.

#include "decode/wire_decoder.hpp"
#include "fuzz/check.hpp"
#include "fuzz/pipeline.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cpg;
    label_table table;
    decode_cache cache(table);
    flow_batch batch;
    batch.bytes = fuzz::text_of(data, size);
    // The second time the endpoints come out of the memo.
    const std::string_view message = batch.bytes;
    const std::string_view twice[] = {message, message};
    decode_proto(twice, cache, batch);
    fuzz::require(batch.lines == 2 && batch.flows.size() % 2 == 0 && batch.malformed_count % 2 == 0,
                  "the same message is read alike twice");
    if (peek_proto(message).is_flow) fuzz::require(batch.malformed_count == 0 || batch.flows.empty(), "all or nothing");
    fuzz::check_flows(batch);
    return 0;
}
