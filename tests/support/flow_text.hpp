// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A decoded line as one line of text, for tables of expectations. Pure; any thread.

#include <array>
#include <string>

#include "base/timestamp.hpp"
#include "flow/flow.hpp"

namespace cpg::test {

inline std::string endpoint_text(const endpoint& endpoint, std::string_view ip) {
    if (!endpoint.present) return "none";
    std::string who(endpoint.pod_namespace);
    who += (who.empty() ? "" : "/") + (endpoint.labels->workload.empty()
                                           ? std::string(to_string(endpoint.labels->reserved))
                                           : endpoint.labels->workload);
    return who + "@" + std::string(ip);
}

inline std::string flow_text(const flow& flow) {
    constexpr std::array<std::string_view, 8> verdicts = {"UNKNOWN", "FORWARDED",  "DROPPED", "ERROR",
                                                          "AUDIT",   "REDIRECTED", "TRACED",  "TRANSLATED"};
    constexpr std::array<std::string_view, 4> records = {"", " http", " dns", " other-l7"};
    std::string out(verdicts[static_cast<std::size_t>(flow.verdict)]);
    out += " " + std::string(to_string(flow.direction)) + " " + std::string(to_string(flow.protocol)) + "/";
    const bool icmp = flow.protocol == l4_protocol::icmpv4 || flow.protocol == l4_protocol::icmpv6;
    out += icmp ? std::to_string(flow.icmp_type)
                : std::to_string(flow.source_port) + ">" + std::to_string(flow.destination_port);
    if (flow.tcp_syn || flow.tcp_ack) out += flow.tcp_syn ? (flow.tcp_ack ? " SYN+ACK" : " SYN") : " ACK";
    out +=
        " " + endpoint_text(flow.source, flow.source_ip) + " " + endpoint_text(flow.destination, flow.destination_ip);
    out += " reason=" + std::to_string(flow.drop_reason) + ":" + std::string(flow.drop_reason_desc.name);
    if (flow.drop_reason_desc.number) out += std::to_string(flow.drop_reason_desc.number);
    out += " event=" + std::to_string(flow.event_type) + "/" + std::to_string(flow.event_sub_type);
    out += " at " + format_timestamp(flow.time_ns) + " on " + std::string(flow.node_name);
    out += records[static_cast<std::size_t>(flow.l7)];
    if (flow.is_reply != tristate::absent) out += flow.is_reply == tristate::yes ? " reply" : " not-reply";
    for (const std::string_view text : {flow.http_method, flow.http_url, flow.dns_query, flow.denied_by_name})
        if (!text.empty()) out += " " + std::string(text);
    for (const std::string_view name : flow.destination_names)
        out += " name=" + std::string(name);
    return out;
}

/// What a batch of one line holds.
inline std::string batch_text(const flow_batch& flow_batch) {
    if (flow_batch.malformed_count > 0) return "malformed: " + flow_batch.malformed.at(0).problem;
    std::string out;
    for (const flow& each : flow_batch.flows)
        out += flow_text(each);
    for (const lost_events& each : flow_batch.lost)
        out += "lost " + std::to_string(each.number) + " " + each.source;
    for (const node_status& each : flow_batch.nodes) {
        out += each.state;
        for (const std::string& node : each.nodes)
            out += " " + node;
        out += each.message.empty() ? "" : " (" + each.message + ")";
    }
    if (out.empty()) out = flow_batch.other_events > 0 ? "other event" : "nothing";
    return out;
}

}  // namespace cpg::test
