// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Lines of a capture, from JSON to policies and evidence.

#include <algorithm>

#include "decode/json_decoder.hpp"
#include "fuzz/check.hpp"
#include "fuzz/pipeline.hpp"
#include "support/batch_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cpg;
    label_table table;
    decode_cache cache(table);
    flow_batch batch;
    batch.bytes = fuzz::text_of(data, size);
    json_decoder(cache).decode_lines(batch, 1);
    // Several values may stand in a line.
    const auto ends = static_cast<std::uint64_t>(std::ranges::count(batch.bytes, '}'));
    fuzz::require(batch.malformed_count <= batch.lines, "a line has one fault");
    fuzz::require(batch.flows.size() <= ends, "a flow ends with a brace");
    fuzz::check_flows(batch);
    flow_batch again;
    again.bytes = batch.bytes;
    json_decoder(cache).decode_lines(again, 1);
    fuzz::require(test::whole_text(again) == test::whole_text(batch), "endpoints that are known read the same");
    decode_cache unused(table);
    flow_batch in_full;
    in_full.bytes = batch.bytes;
    json_decoder(unused, shortcuts::none).decode_lines(in_full, 1);
    fuzz::require(test::whole_text(in_full) == test::whole_text(batch), "shortcuts read the same");
    return 0;
}
