// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Where flows come from: the one interface behind a capture file and a live stream. A source hands out pieces of
// undecoded input, each with the work that decodes it, so decoding runs in parallel and the session knows nothing of
// formats. Every call and every callback happens on the session strand; a piece is decoded on any.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "decode/decode_cache.hpp"
#include "flow/flow.hpp"

namespace cpg {

/// A piece of input that is not decoded yet. It is destroyed on any thread, and may never be decoded.
class input_piece {
  public:
    virtual ~input_piece() = default;
    /// Once, into an empty batch. Any thread, and several pieces at once; what a source shares among them has a lock of
    /// its own.
    virtual void decode(decode_cache& cache, flow_batch& batch) = 0;
};

using piece_ptr = std::unique_ptr<input_piece>;

/// How a source ended.
struct source_end {
    /// Empty after a normal end (end of file, stopped); otherwise what, where, why and what to do next: exit status 3.
    std::string problem;
};

/// What the session gives a source. Never called from inside start(), request() or stop().
class flow_receiver {
  public:
    virtual void on_input(piece_ptr piece) = 0;
    /// Once, after the last on_input().
    virtual void on_end(source_end end) = 0;

  protected:
    ~flow_receiver() = default;
};

class flow_source {
  public:
    virtual ~flow_source() = default;

    virtual void start(flow_receiver& receiver) = 0;
    /// Allows `pieces` more calls of on_input(). Back-pressure is not asking: a source never delivers unasked.
    virtual void request(std::size_t pieces) = 0;
    /// Ends early: what has been received is still delivered (as it is requested), then on_end() follows.
    virtual void stop() = 0;
    /// Share of the input that has been read, 0 to 1; negative where there is no known end.
    virtual double progress() const { return -1; }
    virtual std::uint64_t bytes_read() const { return 0; }
    /// False where no connection has come about.
    virtual bool has_begun() const { return true; }
    /// Of several inputs, those in which no line was an event of Hubble; when every piece has been decoded.
    virtual std::vector<std::string> inputs_without_events() const { return {}; }
};

}  // namespace cpg
