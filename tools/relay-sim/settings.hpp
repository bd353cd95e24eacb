// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What relay-sim serves, and how it misbehaves. Plain values; read from the command line by command_line.hpp,
// or filled in by a test that runs the service in its own process.

#include <grpcpp/support/status.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace cpg::sim {

/// What becomes of a request's field mask.
enum class mask_handling : std::uint8_t {
    taken,            ///< as Cilium 1.16 and later: what is not asked for is not sent, an unknown name is an error
    ignored,          ///< as before that
    refused,          ///< as a server that does not know all of its names
    refused_by_node,  ///< as relay, when one of its nodes does not
};

struct settings {
    static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

    std::string listen = "127.0.0.1:0";  ///< host:port or unix:///path

    std::string capture;         ///< JSON lines; empty: generated flows
    std::uint64_t flows = 1000;  ///< how many to generate
    std::uint32_t workloads = 20;
    double drop_share = 1.0;
    std::uint32_t seed = 1;
    bool loop = false;
    std::uint64_t rate = 0;      ///< flows a second; 0: as fast as they are taken
    bool end_when_done = false;  ///< end the stream after the last flow, although a real relay waits

    /// After the last flow of a stream that goes on, of a loop the first time, say that the node `sim/no-more` is gone,
    /// for those who wait for all to have come.
    bool tells_end = false;

    std::string tls_cert;  ///< PEM, as are the next two
    std::string tls_key;
    std::string tls_client_ca;

    bool compress = false;  ///< gzip, although no client asks for it
    std::string version = "cilium v1.19.4+g0000000";
    bool greets = true;  ///< with the state of the nodes, as relay does; an agent does not
    bool server_status = true;
    bool server_status_hangs = false;  ///< as relay's does while one agent hangs
    std::optional<grpc::StatusCode> refuse_server_status;
    std::vector<std::string> unavailable_nodes;
    std::vector<std::pair<std::uint64_t, std::string>> lost_events;  ///< number and source
    std::uint64_t stall_after = never;
    std::uint64_t cut_after = never;
    std::uint64_t cuts = 1;  ///< how many streams to cut
    /// Loses its node after so many flows of a stream that asked for no time, and with it some flows; of a stream that
    /// asked for a time it has them served again when the node is back.
    std::uint64_t node_error_after = never;
    std::uint64_t node_error_loses = 0;
    /// By which each node's clock is ahead of that of the node before it, in the order of their names.
    std::chrono::nanoseconds skew{0};
    /// Relay reaches the last of the nodes late: of a stream that asked for no time, its flows come behind so many.
    std::uint64_t late_node_after = 0;
    /// After so many flows of a stream all of them come once more, as when relay has asked its nodes again.
    std::uint64_t resend_after = never;
    mask_handling field_mask = mask_handling::taken;
    std::optional<grpc::StatusCode> refuse;
    bool refuse_flows_only = false;
    std::chrono::nanoseconds late{0};

    bool uses_tls() const { return !tls_cert.empty(); }
};

}  // namespace cpg::sim
