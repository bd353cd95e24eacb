// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <boost/test/unit_test.hpp>

#include "classify/gates.hpp"

namespace cpg {

namespace {

flow packet(l4_protocol protocol, std::uint32_t source, std::uint32_t destination, bool syn = false, bool ack = false) {
    flow out;
    out.protocol = protocol;
    out.source_port = source;
    out.destination_port = destination;
    out.tcp_syn = syn;
    out.tcp_ack = ack;
    return out;
}

bool icmp_reply(l4_protocol protocol, std::uint32_t type) {
    flow out;
    out.protocol = protocol;
    out.icmp_type = type;
    return is_reply(out);
}

constexpr auto tcp = l4_protocol::tcp;
constexpr auto udp = l4_protocol::udp;

}  // namespace

BOOST_AUTO_TEST_SUITE(reply_suite)

BOOST_AUTO_TEST_CASE(what_hubble_calls_a_reply_is_one) {
    flow flow = packet(tcp, 40000, 80, true);
    BOOST_TEST(!is_reply(flow));
    flow.is_reply = tristate::yes;
    BOOST_TEST(is_reply(flow));
    flow.is_reply = tristate::no;
    BOOST_TEST(!is_reply(flow));
}

BOOST_AUTO_TEST_CASE(a_syn_is_a_request_and_a_syn_ack_a_reply_whatever_the_ports) {
    BOOST_TEST(!is_reply(packet(tcp, 80, 40000, true)));
    BOOST_TEST(is_reply(packet(tcp, 80, 40000, true, true)));
    BOOST_TEST(is_reply(packet(tcp, 40000, 80, true, true)));
}

BOOST_AUTO_TEST_CASE(tcp_without_syn_is_told_by_its_ports) {
    BOOST_TEST(is_reply(packet(tcp, 8080, 47610, false, true)));
    BOOST_TEST(is_reply(packet(tcp, 8080, 47610)));
    BOOST_TEST(!is_reply(packet(tcp, 47610, 8080, false, true)));
    BOOST_TEST(!is_reply(packet(tcp, 47610, 47611, false, true)));
}

BOOST_AUTO_TEST_CASE(udp_is_told_by_its_ports) {
    BOOST_TEST(is_reply(packet(udp, 53, 40000)));
    BOOST_TEST(!is_reply(packet(udp, 40000, 53)));
    BOOST_TEST(!is_reply(packet(udp, 5000, 5001)));
    BOOST_TEST(!is_reply(packet(udp, 40000, 40001)));
}

BOOST_AUTO_TEST_CASE(the_ephemeral_range_begins_at_32768) {
    BOOST_TEST(is_reply(packet(udp, 32767, 32768)));
    BOOST_TEST(!is_reply(packet(udp, 32767, 32767)));
    BOOST_TEST(!is_reply(packet(udp, 32768, 32768)));
}

BOOST_AUTO_TEST_CASE(sctp_is_never_guessed_at) {
    BOOST_TEST(!is_reply(packet(l4_protocol::sctp, 80, 40000)));
}

BOOST_AUTO_TEST_CASE(icmp_answers_and_errors_are_replies) {
    for (const std::uint32_t type : {0u, 3u, 11u, 12u, 4u, 5u, 14u, 16u, 18u})
        BOOST_TEST(icmp_reply(l4_protocol::icmpv4, type), type);
    for (const std::uint32_t type : {8u, 13u, 15u, 17u, 42u})
        BOOST_TEST(!icmp_reply(l4_protocol::icmpv4, type), type);
    for (const std::uint32_t type : {1u, 2u, 3u, 4u, 129u})
        BOOST_TEST(icmp_reply(l4_protocol::icmpv6, type), type);
    for (const std::uint32_t type : {128u, 130u, 160u})
        BOOST_TEST(!icmp_reply(l4_protocol::icmpv6, type), type);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
