// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// All that a batch holds as text, for two ways of reading that are to say the same. Pure; any thread.

#include <initializer_list>
#include <string>
#include <string_view>

#include "flow/flow.hpp"

namespace cpg::test {

inline void append_all(std::string& to, std::initializer_list<std::uint64_t> numbers) {
    for (const std::uint64_t each : numbers)
        to += std::to_string(each) + ' ';
}

inline void append_all(std::string& to, std::initializer_list<std::string_view> texts) {
    for (const std::string_view each : texts)
        to += '[' + std::string(each) + "] ";
}

inline std::string whole_text(const endpoint& of) {
    std::string out;
    append_all(out, {std::uint64_t{of.present}, of.identity});
    append_all(out, {of.pod_namespace, of.pod_name, of.workload, of.cluster});
    for (const std::string_view label : of.labels->raw)
        append_all(out, {label});
    return out;
}

inline std::string whole_text(const flow& of) {
    std::string out;
    append_all(out, {static_cast<std::uint64_t>(of.time_ns),
                     static_cast<std::uint64_t>(of.verdict),
                     static_cast<std::uint64_t>(of.direction),
                     static_cast<std::uint64_t>(of.type),
                     static_cast<std::uint64_t>(of.is_reply),
                     of.drop_reason,
                     of.drop_reason_desc.number,
                     of.aggregated,
                     of.event_type,
                     of.event_sub_type,
                     static_cast<std::uint64_t>(of.protocol),
                     of.tcp_syn,
                     of.tcp_ack,
                     of.tcp_rst,
                     of.tcp_other_flag,
                     of.source_port,
                     of.destination_port,
                     of.icmp_type,
                     static_cast<std::uint64_t>(of.l7),
                     static_cast<std::uint64_t>(of.l7_type),
                     of.to_service});
    append_all(out, {of.uuid, of.drop_reason_desc.name, of.source_ip, of.destination_ip, of.node_name, of.http_method,
                     of.http_url, of.dns_query, of.denied_by_name, of.denied_by_namespace});
    out += whole_text(of.source) + whole_text(of.destination);
    for (const auto names : {of.dns_ips, of.destination_names}) {
        out += "names ";
        for (const std::string_view each : names)
            append_all(out, {each});
    }
    return out;
}

inline std::string whole_text(const flow_batch& of) {
    std::string out;
    append_all(out, {of.lines, of.malformed_count, of.other_events});
    for (const flow& each : of.flows)
        out += "\nflow " + whole_text(each);
    for (const lost_events& each : of.lost)
        out += "\nlost " + std::to_string(each.number) + " " + each.source;
    for (const node_status& each : of.nodes) {
        out += "\nnode " + each.state + " " + each.message;
        for (const std::string& node : each.nodes)
            append_all(out, {node});
    }
    for (const malformed_line& each : of.malformed)
        out += "\nline " + std::to_string(each.line) + ": " + each.problem;
    return out;
}

}  // namespace cpg::test
