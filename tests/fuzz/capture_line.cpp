// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Lines of a capture, from JSON to policies and evidence.

#include "decode/json_decoder.hpp"
#include "fuzz/check.hpp"
#include "fuzz/pipeline.hpp"
#include "support/flow_text.hpp"

namespace {

std::string text_of(const cpg::flow_batch& batch) {
    std::string out = std::to_string(batch.malformed_count);
    for (const cpg::flow& each : batch.flows)
        out += cpg::test::flow_text(each) + "\n";
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cpg;
    label_table table;
    decode_cache cache(table);
    flow_batch batch;
    batch.bytes = fuzz::text_of(data, size);
    json_decoder(cache).decode_lines(batch, 1);
    fuzz::require(batch.flows.size() + batch.malformed_count <= batch.lines, "a line is one flow or one fault");
    fuzz::check_flows(batch);
    flow_batch again;
    again.bytes = batch.bytes;
    json_decoder(cache).decode_lines(again, 1);
    fuzz::require(text_of(again) == text_of(batch), "endpoints that are known read the same");
    return 0;
}
