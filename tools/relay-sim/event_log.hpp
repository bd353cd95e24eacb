// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The flows that relay-sim has to serve, serialized beforehand, as one endless log: event i of a loop is flow
// i modulo their number, with a time and a uuid of its own, so that `since` finds its place and no two events
// are the same. Immutable; any thread.

#include <google/protobuf/field_mask.pb.h>
#include <grpcpp/support/byte_buffer.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "observer/observer.pb.h"

namespace cpg::sim {

/// Flows of a capture of JSON lines; other events in it are left out. Throws fatal_error.
std::vector<observer::GetFlowsResponse> read_capture(const std::string& path);

class event_log {
  public:
    /// Each node's clock is ahead of that of the node before it by `skew`; the log stays in the order of the true time.
    event_log(std::vector<observer::GetFlowsResponse> flows, bool loop, std::chrono::nanoseconds skew = {});
    /// The same events, of which only these fields are served.
    event_log(const event_log& whole, const google::protobuf::FieldMask& fields);

    /// Which of the flows a request is for, by their place in the list.
    std::vector<std::size_t> matching(const observer::GetFlowsRequest& request) const;
    /// The first event that may be of this time or later, by the clock of its node.
    std::uint64_t first_since(std::int64_t time_ns) const;
    /// By the clock of its node.
    std::int64_t time_of(std::uint64_t event) const;
    bool is_of_last_node(std::size_t place) const { return entries_[place].flow.node_name() == last_node_; }
    grpc::ByteBuffer message(std::uint64_t event) const;

    std::size_t flows() const { return entries_.size(); }
    bool loops() const { return loop_; }

  private:
    struct entry {
        ::flow::Flow flow;         ///< to filter by
        grpc::ByteBuffer bytes;    ///< of the first pass, as it was given but for its clock
        std::int64_t time_ns = 0;  ///< true
        std::int64_t skew_ns = 0;
        std::string later;  ///< of later passes, with gaps for time and uuid
        std::vector<std::size_t> time_gaps;
        std::size_t uuid_gap = 0;
    };

    static entry make_entry(observer::GetFlowsResponse message, std::int64_t skew_ns);

    std::vector<entry> entries_;
    std::string last_node_;  ///< by name
    std::int64_t most_skew_ns_ = 0;
    std::int64_t span_ns_ = 1;  ///< by which a pass through the list is later than the one before
    bool loop_;
};

}  // namespace cpg::sim
