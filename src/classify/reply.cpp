// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>
#include <array>

#include "classify/gates.hpp"

namespace cpg {

namespace {

// Lower end of Linux's default range of ephemeral ports (net.ipv4.ip_local_port_range).
constexpr std::uint32_t first_ephemeral_port = 32768;

// RFC 792 and RFC 950: echo, timestamp, information and address mask replies; unreachable, source quench, redirect,
// time exceeded, parameter problem.
constexpr std::array<std::uint32_t, 9> icmpv4_answers = {0, 3, 4, 5, 11, 12, 14, 16, 18};
// RFC 4443: types below 128 are errors, 129 is the echo reply.
constexpr std::uint32_t icmpv6_echo_reply = 129;
constexpr std::uint32_t icmpv6_first_informational = 128;

bool from_server_port(const flow& flow) {
    return flow.destination_port >= first_ephemeral_port && flow.source_port < first_ephemeral_port;
}

bool is_tcp_reply(const flow& flow) {
    return flow.tcp_syn ? flow.tcp_ack : from_server_port(flow);
}

}  // namespace

bool is_reply(const flow& flow) {
    if (flow.is_reply == tristate::yes) return true;
    switch (flow.protocol) {
        case l4_protocol::tcp: return is_tcp_reply(flow);
        case l4_protocol::udp: return from_server_port(flow);
        case l4_protocol::icmpv4: return std::ranges::find(icmpv4_answers, flow.icmp_type) != icmpv4_answers.end();
        case l4_protocol::icmpv6:
            return flow.icmp_type == icmpv6_echo_reply || flow.icmp_type < icmpv6_first_informational;
        default: return false;
    }
}

}  // namespace cpg
