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
    return opening_of(out) == opening::reply;
}

bool is_reply(const flow& packet) {
    return opening_of(packet) == opening::reply;
}

bool opens(const flow& packet) {
    return opening_of(packet) == opening::opens;
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

BOOST_AUTO_TEST_CASE(tcp_without_syn_opens_only_where_the_ports_tell_its_client) {
    const auto ack = [](std::uint32_t source, std::uint32_t destination) {
        return opening_of(packet(tcp, source, destination, false, true));
    };
    BOOST_TEST((ack(8080, 47610) == opening::reply));
    BOOST_TEST((ack(443, 20000) == opening::reply));
    BOOST_TEST((ack(43210, 5432) == opening::opens));
    BOOST_TEST((ack(50051, 43210) == opening::mid_connection));
    BOOST_TEST((ack(8080, 9090) == opening::mid_connection));
    BOOST_TEST((ack(0, 5432) == opening::mid_connection));
    flow push = packet(tcp, 43210, 5432);
    push.tcp_other_flag = true;
    BOOST_TEST(opens(push));
}

BOOST_AUTO_TEST_CASE(a_reset_opens_nothing_whatever_the_ports) {
    for (const auto& [source, destination] :
         {std::pair(8080u, 20000u), std::pair(43210u, 5432u), std::pair(443u, 20000u)})
        for (const bool ack : {true, false}) {
            flow reset = packet(tcp, source, destination, false, ack);
            reset.tcp_rst = true;
            BOOST_TEST(!opens(reset));
        }
}

BOOST_AUTO_TEST_CASE(tcp_without_flags_is_an_answer_only_where_both_ports_say_so) {
    BOOST_TEST(is_reply(packet(tcp, 8080, 47610)));
    BOOST_TEST(is_reply(packet(tcp, 443, 20000)));
    BOOST_TEST(opens(packet(tcp, 0, 50051)));
    BOOST_TEST(opens(packet(tcp, 8080, 9090)));
}

BOOST_AUTO_TEST_CASE(udp_from_a_system_port_to_a_user_port_is_an_answer) {
    BOOST_TEST(is_reply(packet(udp, 53, 20000)));
    BOOST_TEST(is_reply(packet(udp, 53, 1024)));
    BOOST_TEST(opens(packet(udp, 53, 53)));
    BOOST_TEST(opens(packet(udp, 123, 1023)));
    BOOST_TEST(opens(packet(udp, 0, 40000)));
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
