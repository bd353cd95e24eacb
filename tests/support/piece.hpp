// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A piece of input that is decoded by whatever a test says.

#include <utility>

#include "source/flow_source.hpp"

namespace cpg::test {

template <class Decode>
class scripted_piece final : public input_piece {
  public:
    explicit scripted_piece(Decode decode) : decode_(std::move(decode)) {}
    void decode(decode_cache& cache, flow_batch& batch) override { decode_(cache, batch); }

  private:
    Decode decode_;
};

/// `decode` takes a decode_cache and a flow_batch.
template <class Decode>
piece_ptr piece_of(Decode decode) {
    return std::make_unique<scripted_piece<Decode>>(std::move(decode));
}

}  // namespace cpg::test
