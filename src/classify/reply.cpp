// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>
#include <array>

#include "classify/gates.hpp"

namespace cpg {

namespace {

// Lower end of Linux's default range of ephemeral ports (net.ipv4.ip_local_port_range).
constexpr std::uint32_t first_ephemeral_port = 32768;
// Below it, ports are for servers alone (RFC 6335, system ports).
constexpr std::uint32_t first_user_port = 1024;

// RFC 792 and RFC 950: echo, timestamp, information and address mask replies; unreachable, source quench, redirect,
// time exceeded, parameter problem.
constexpr std::array<std::uint32_t, 9> icmpv4_answers = {0, 3, 4, 5, 11, 12, 14, 16, 18};
// RFC 4443: types below 128 are errors, 129 is the echo reply.
constexpr std::uint32_t icmpv6_echo_reply = 129;
constexpr std::uint32_t icmpv6_first_informational = 128;

bool goes_up_past(const flow& flow, std::uint32_t port) {
    return flow.source_port < port && flow.destination_port >= port;
}

// An absent port tells nothing.
bool knows_ports(const flow& flow) {
    return flow.source_port != 0 && flow.destination_port != 0;
}

bool is_from_server(const flow& flow) {
    return knows_ports(flow) && (goes_up_past(flow, first_user_port) || goes_up_past(flow, first_ephemeral_port));
}

bool is_from_client(const flow& flow) {
    return knows_ports(flow) && flow.source_port >= first_ephemeral_port &&
           flow.destination_port < first_ephemeral_port;
}

opening answer_or(opening other, bool is_answer) {
    return is_answer ? opening::reply : other;
}

// A packet without SYN belongs to a connection that is older than the policy: Cilium checks each packet of the opening
// direction, established or not. Where the ports tell its client, the connection is one to allow.
opening opening_of_tcp(const flow& flow) {
    if (!flow.has_tcp_flags()) return answer_or(opening::opens, is_from_server(flow));
    if (flow.tcp_rst) return answer_or(opening::mid_connection, is_from_server(flow));
    if (flow.tcp_syn) return answer_or(opening::opens, flow.tcp_ack);
    if (is_from_client(flow)) return opening::opens;
    return answer_or(opening::mid_connection, is_from_server(flow));
}

}  // namespace

opening opening_of(const flow& flow) {
    if (flow.is_reply == tristate::yes) return opening::reply;
    switch (flow.protocol) {
        case l4_protocol::tcp: return opening_of_tcp(flow);
        case l4_protocol::udp: return answer_or(opening::opens, is_from_server(flow));
        case l4_protocol::icmpv4:
            return answer_or(opening::opens, std::ranges::find(icmpv4_answers, flow.icmp_type) != icmpv4_answers.end());
        case l4_protocol::icmpv6:
            return answer_or(opening::opens,
                             flow.icmp_type == icmpv6_echo_reply || flow.icmp_type < icmpv6_first_informational);
        default: return opening::opens;
    }
}

}  // namespace cpg
