// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Lines of a capture, from JSON to policies and evidence.

#include "decode/json_decoder.hpp"
#include "fuzz/check.hpp"
#include "fuzz/pipeline.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cpg;
    label_table table;
    label_cache labels(table);
    flow_batch batch;
    batch.bytes = fuzz::text_of(data, size);
    json_decoder(labels).decode_lines(batch, 1);
    fuzz::require(batch.flows.size() + batch.malformed_count <= batch.lines, "a line is one flow or one fault");
    fuzz::check_flows(batch);
    return 0;
}
