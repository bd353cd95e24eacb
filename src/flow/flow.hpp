// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The value that moves through the pipeline: one Hubble flow, with only the fields that cpg uses (flow.Flow of
// cilium:api/v1/flow/flow.proto). A flow owns nothing: its text lies in the flow_batch that it came in, so a decoded
// flow costs no allocation. Decoders fill it, later stages only read it; a batch is immutable once decoded and may
// then be read from any thread.

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flow/labels.hpp"

namespace cpg {

/// Kinds of Cilium's events (cilium:pkg/monitor/api/types.go).
inline constexpr std::uint32_t drop_event = 1;
inline constexpr std::uint32_t trace_event = 4;
inline constexpr std::uint32_t verdict_event = 5;
inline constexpr std::uint32_t l7_event = 129;

/// Sub-types of a trace: where a packet was on its way out of a pod, or into one, behind service translation. These are
/// TO_ENDPOINT, TO_HOST, TO_STACK, TO_OVERLAY and TO_NETWORK (cilium:pkg/monitor/api/types.go, TraceTo...).
inline constexpr std::array<std::uint32_t, 5> translated_points = {0, 2, 3, 4, 11};

/// flow.Verdict, by number.
enum class verdict : std::uint8_t { unknown, forwarded, dropped, error, audit, redirected, traced, translated };
inline constexpr std::size_t verdicts = 8;

/// flow.TrafficDirection, by number.
enum class direction : std::uint8_t { unknown, ingress, egress };

/// flow.FlowType, by number.
enum class flow_type : std::uint8_t { unknown, l3_l4, l7, sock };

/// Members of flow.Layer4; `other` are VRRP and IGMP.
enum class l4_protocol : std::uint8_t { none, tcp, udp, sctp, icmpv4, icmpv6, other };

/// Members of flow.Layer7's oneof; `other` is Kafka or a record that cpg doesn't know.
enum class l7_record : std::uint8_t { none, http, dns, other };

/// flow.L7FlowType, by number.
enum class l7_type : std::uint8_t { unknown, request, response, sample };

/// google.protobuf.BoolValue: absent is not the same as false.
enum class tristate : std::uint8_t { absent, no, yes };

std::string_view to_string(direction direction);   ///< "ingress", "egress", "unknown"
std::string_view to_string(l4_protocol protocol);  ///< "TCP", "ICMPv4", …

std::string_view to_string(verdict verdict);  ///< "DROPPED", …

/// flow.Endpoint.
struct endpoint {
    bool present = false;
    std::uint32_t identity = 0;
    std::string_view pod_namespace;
    std::string_view pod_name;
    std::string_view workload;          ///< name of the first of `workloads`
    std::string_view cluster;           ///< `cluster_name`
    const label_set* labels = nullptr;  ///< never null in a decoded flow
};

/// The endpoint's namespace: its member, or its label where the member is cut.
std::string_view namespace_of(const endpoint& endpoint);
/// The cluster that it is in: by its label, or by `cluster_name`; nothing when neither tells.
std::string_view cluster_of(const endpoint& endpoint);
/// What a cluster is called of which that was told: `default` where nothing was (cilium:pkg/defaults, ClusterName).
constexpr std::string_view cluster_name(std::string_view told) {
    return told.empty() ? "default" : told;
}

/// A number, or, in JSON, a name that the reader may not know.
struct drop_reason_field {
    std::uint32_t number = 0;
    std::string_view name;
};

struct flow {
    std::int64_t time_ns = 0;  ///< since the Unix epoch; 0 when absent
    std::string_view uuid;     ///< names the event on its node; the same when it is served again
    cpg::verdict verdict = cpg::verdict::unknown;
    cpg::direction direction = cpg::direction::unknown;
    flow_type type = flow_type::unknown;
    tristate is_reply = tristate::absent;
    std::uint32_t drop_reason = 0;  ///< the deprecated number
    drop_reason_field drop_reason_desc;
    std::uint64_t aggregated = 0;      ///< how many the exporter made one of; 0: it stands for itself
    std::uint32_t event_type = 0;      ///< drop_event, …
    std::uint32_t event_sub_type = 0;  ///< of a drop event: the reason's number
    std::string_view source_ip;
    std::string_view destination_ip;
    l4_protocol protocol = l4_protocol::none;
    bool tcp_syn = false;
    bool tcp_ack = false;
    bool tcp_rst = false;
    bool tcp_other_flag = false;  ///< one of the flags that open nothing; without any flag they are not known
    std::uint32_t source_port = 0;
    std::uint32_t destination_port = 0;
    std::uint32_t icmp_type = 0;
    endpoint source;
    endpoint destination;
    std::string_view node_name;
    l7_record l7 = l7_record::none;
    cpg::l7_type l7_type = cpg::l7_type::unknown;
    std::string_view http_method;
    std::string_view http_url;
    std::string_view dns_query;
    std::span<const std::string_view> dns_ips;  ///< of an answer
    std::span<const std::string_view> destination_names;
    bool to_service = false;          ///< the destination's address is a Service's: it was not translated yet
    std::string_view denied_by_name;  ///< of the first entry of ingress_denied_by or egress_denied_by
    std::string_view denied_by_namespace;

    /// Every TCP packet has a flag; none here means that the flags are not known.
    /// How many flows it counts as. Three numbers of 32 bits, however often a hostile one repeats them.
    std::uint64_t count() const {
        constexpr std::uint64_t most = 3 * std::uint64_t{std::numeric_limits<std::uint32_t>::max()};
        return aggregated == 0 ? 1 : std::min(aggregated, most);
    }
    bool has_tcp_flags() const { return tcp_syn || tcp_ack || tcp_rst || tcp_other_flag; }
    /// A record of the L7 proxy, also where a field mask has cut `Type` or the record.
    bool is_l7() const { return type == flow_type::l7 || l7 != l7_record::none; }
};

/// flow.LostEvent.
struct lost_events {
    std::string source;  ///< name of flow.LostEventSource
    std::uint64_t number = 0;
};

/// relay.NodeStatusEvent.
struct node_status {
    std::string state;  ///< name of relay.NodeState
    std::vector<std::string> nodes;
    std::string message;
};

/// Which of several inputs: a file, or an entry of an archive.
struct input_name {
    std::uint64_t number = 0;  ///< in the order of reading
    std::string name;          ///< empty where there is only one
};

/// A line or message that could not be read.
struct malformed_line {
    std::uint64_t line = 0;  ///< counted from 1
    std::string problem;
    input_name input = {};
};

/// What decoding makes of one piece of input. Owns the text of its flows.
struct flow_batch {
    /// More malformed lines than this are only counted.
    static constexpr std::size_t most_malformed_kept = 10;

    flow_batch() = default;
    flow_batch(const flow_batch&) = delete;
    flow_batch& operator=(const flow_batch&) = delete;

    std::string bytes;                          ///< the input
    std::pmr::monotonic_buffer_resource arena;  ///< text that had to be unescaped, lists of names
    std::deque<label_set> overflow_labels;      ///< label sets that the full table would not keep
    std::vector<flow> flows;
    std::vector<lost_events> lost;
    std::vector<node_status> nodes;
    std::vector<malformed_line> malformed;  ///< the first few
    std::uint64_t malformed_count = 0;
    std::uint64_t lines = 0;         ///< lines that are not blank, or messages
    std::uint64_t other_events = 0;  ///< node status, agent and debug events
};

}  // namespace cpg
