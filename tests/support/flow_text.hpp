// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A decoded line as one line of text, for tables of expectations. Pure; any thread.

#include <array>
#include <string>

#include "base/timestamp.hpp"
#include "flow/flow.hpp"

namespace cpg::test {

inline std::string endpoint_text(const endpoint& of, std::string_view ip) {
    if (!of.present) return "none";
    std::string who(of.pod_namespace);
    who += (who.empty() ? "" : "/") +
           (of.labels->workload.empty() ? std::string(to_string(of.labels->reserved)) : of.labels->workload);
    return who + "@" + std::string(ip);
}

inline std::string flow_text(const flow& of) {
    constexpr std::array<std::string_view, 8> verdicts = {"UNKNOWN", "FORWARDED",  "DROPPED", "ERROR",
                                                          "AUDIT",   "REDIRECTED", "TRACED",  "TRANSLATED"};
    constexpr std::array<std::string_view, 4> records = {"", " http", " dns", " other-l7"};
    std::string out(verdicts[static_cast<std::size_t>(of.verdict)]);
    out += " " + std::string(to_string(of.direction)) + " " + std::string(to_string(of.protocol)) + "/";
    const bool icmp = of.protocol == l4_protocol::icmpv4 || of.protocol == l4_protocol::icmpv6;
    out += icmp ? std::to_string(of.icmp_type)
                : std::to_string(of.source_port) + ">" + std::to_string(of.destination_port);
    if (of.tcp_syn || of.tcp_ack) out += of.tcp_syn ? (of.tcp_ack ? " SYN+ACK" : " SYN") : " ACK";
    out += " " + endpoint_text(of.source, of.source_ip) + " " + endpoint_text(of.destination, of.destination_ip);
    out += " reason=" + std::to_string(of.drop_reason) + ":" + std::string(of.drop_reason_desc.name);
    if (of.drop_reason_desc.number) out += std::to_string(of.drop_reason_desc.number);
    out += " event=" + std::to_string(of.event_type) + "/" + std::to_string(of.event_sub_type);
    out += " at " + format_timestamp(of.time_ns) + " on " + std::string(of.node_name);
    out += records[static_cast<std::size_t>(of.l7)];
    if (of.is_reply != tristate::absent) out += of.is_reply == tristate::yes ? " reply" : " not-reply";
    for (const std::string_view text : {of.http_method, of.http_url, of.dns_query, of.denied_by_name})
        if (!text.empty()) out += " " + std::string(text);
    for (const std::string_view name : of.destination_names)
        out += " name=" + std::string(name);
    return out;
}

/// What a batch of one line holds.
inline std::string batch_text(const flow_batch& of) {
    if (of.malformed_count > 0) return "malformed: " + of.malformed.at(0).problem;
    std::string out;
    for (const flow& each : of.flows)
        out += flow_text(each);
    for (const lost_events& each : of.lost)
        out += "lost " + std::to_string(each.number) + " " + each.source;
    for (const node_status& each : of.nodes) {
        out += each.state;
        for (const std::string& node : each.nodes)
            out += " " + node;
        out += each.message.empty() ? "" : " (" + each.message + ")";
    }
    if (out.empty()) out = of.other_events > 0 ? "other event" : "nothing";
    return out;
}

}  // namespace cpg::test
