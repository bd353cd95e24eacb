// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a decoder remembers from piece to piece, whatever the format. One thread at a time.

#include "decode/endpoint_memo.hpp"
#include "decode/object_memo.hpp"
#include "flow/labels.hpp"

namespace cpg {

struct decode_cache {
    /// The table must outlive this object and every flow decoded with it.
    explicit decode_cache(label_table& table) : labels(table) {}

    label_cache labels;
    endpoint_memo endpoints;
    object_memo objects;
};

}  // namespace cpg
