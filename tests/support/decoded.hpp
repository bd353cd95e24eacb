// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Lines of a capture, decoded, with all that the flows point to. One thread.

#include <memory>
#include <string>

#include "decode/json_decoder.hpp"

namespace cpg::test {

struct decoded {
    explicit decoded(std::string text) {
        batch.bytes = std::move(text);
        json_decoder(cache).decode_lines(batch, 1);
    }
    /// The only flow.
    const cpg::flow& flow() const { return batch.flows.at(0); }
    /// What is wrong with the first malformed line, or nothing.
    std::string problem() const { return batch.malformed.empty() ? "" : batch.malformed[0].problem; }

    label_table labels;
    decode_cache cache{labels};
    flow_batch batch;
};

}  // namespace cpg::test
