// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The flows that relay-sim has to serve, serialized beforehand, as one endless log: event i of a loop is flow
// i modulo their number, with a time and a uuid of its own, so that `since` finds its place and no two events
// are the same. Immutable; any thread.

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <string>
#include <vector>

#include "observer/observer.pb.h"

namespace cpg::sim {

/// Flows of a capture of JSON lines; other events in it are left out. Throws fatal_error.
std::vector<observer::GetFlowsResponse> read_capture(const std::string& path);

class event_log {
  public:
    event_log(std::vector<observer::GetFlowsResponse> flows, bool loop);

    /// Which of the flows a request is for, by their place in the list.
    std::vector<std::size_t> matching(const observer::GetFlowsRequest& request) const;
    /// The first event from this time on.
    std::uint64_t first_since(std::int64_t time_ns) const;
    std::int64_t time_of(std::uint64_t event) const;
    grpc::ByteBuffer message(std::uint64_t event) const;

    std::size_t flows() const { return entries_.size(); }
    bool loops() const { return loop_; }

  private:
    struct entry {
        ::flow::Flow flow;       ///< to filter by
        grpc::ByteBuffer bytes;  ///< of the first pass, as it was given
        std::int64_t time_ns = 0;
        std::string later;  ///< of later passes, with gaps for time and uuid
        std::vector<std::size_t> time_gaps;
        std::size_t uuid_gap = 0;
    };

    static entry make_entry(observer::GetFlowsResponse message);

    std::vector<entry> entries_;
    std::int64_t span_ns_ = 1;  ///< by which a pass through the list is later than the one before
    bool loop_;
};

}  // namespace cpg::sim
