// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Which flows show an allowed connection, and the rules of both its ends.

#include <boost/test/unit_test.hpp>

#include "classify/triage.hpp"
#include "support/judgement_text.hpp"
#include "support/sample_flow.hpp"

namespace cpg {

namespace {

gate_settings learning(std::set<std::string, std::less<>> namespaces = {}) {
    gate_settings out;
    out.forwarded = true;
    out.namespaces = std::move(namespaces);
    return out;
}

struct trace : test::sample_flow {
    trace() {
        flow.verdict = verdict::forwarded;
        flow.drop_reason = 0;
        flow.drop_reason_desc = {};
        flow.event_type = trace_event;
        flow.event_sub_type = 0;
        flow.direction = direction::ingress;
        flow.is_reply = tristate::no;
        flow.tcp_syn = true;
    }
};

template <class Change>
bool shown(Change change) {
    trace sample;
    change(sample.flow);
    return gates(learning()).shows_connection(sample.flow);
}

std::string ends_of(const test::sample_flow& sample, const gate_settings& settings) {
    const gates judge(settings);
    return test::judgement_text(judge.judge_end(sample.flow, direction::egress)) + "; " +
           test::judgement_text(judge.judge_end(sample.flow, direction::ingress));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(connections)

BOOST_AUTO_TEST_CASE(only_points_behind_service_translation_count) {
    for (std::uint32_t point = 0; point <= 13; ++point) {
        const bool counts = point == 0 || point == 2 || point == 3 || point == 4 || point == 11;
        BOOST_TEST(shown([&](flow& flow) { flow.event_sub_type = point; }) == counts, point);
    }
    BOOST_TEST(!shown([](flow& flow) { flow.to_service = true; }));
}

BOOST_AUTO_TEST_CASE(only_what_opens_a_connection_counts) {
    BOOST_TEST(shown([](flow&) {}));
    BOOST_TEST(!shown([](flow& flow) { flow.is_reply = tristate::yes; }));
    BOOST_TEST(!shown([](flow& flow) { flow.is_reply = tristate::absent; }));
    BOOST_TEST(!shown([](flow& flow) { flow.tcp_ack = true; }));
    BOOST_TEST(!shown([](flow& flow) { flow.tcp_syn = false, flow.tcp_other_flag = true; }));
    BOOST_TEST(!shown([](flow& flow) { flow.tcp_syn = false; }));
    BOOST_TEST(shown([](flow& flow) { flow.tcp_syn = false, flow.protocol = l4_protocol::udp; }));
    BOOST_TEST(!shown(
        [](flow& flow) { flow.protocol = l4_protocol::udp, flow.source_port = 53, flow.destination_port = 40000; }));
    BOOST_TEST(!shown([](flow& flow) { flow.protocol = l4_protocol::icmpv4, flow.icmp_type = 0; }));
    BOOST_TEST(!shown([](flow& flow) { flow.type = flow_type::l7; }));
}

BOOST_AUTO_TEST_CASE(verdicts_that_allowed_count_and_others_do_not) {
    for (const verdict each : {verdict::forwarded, verdict::redirected})
        BOOST_TEST(shown([&](flow& flow) {
            flow.event_type = verdict_event, flow.verdict = each, flow.is_reply = tristate::absent;
        }));
    for (const verdict each :
         {verdict::unknown, verdict::dropped, verdict::error, verdict::audit, verdict::traced, verdict::translated})
        for (const std::uint32_t event : {verdict_event, trace_event, drop_event})
            BOOST_TEST(!shown([&](flow& flow) { flow.event_type = event, flow.verdict = each; }));
    BOOST_TEST(!shown([](flow& flow) { flow.verdict = verdict::redirected; }));
    BOOST_TEST(!shown([](flow& flow) { flow.event_type = 0; }));
    BOOST_TEST(!gates(gate_settings{}).shows_connection(trace().flow));
}

BOOST_AUTO_TEST_CASE(a_connection_is_an_egress_rule_of_its_source_and_an_ingress_rule_of_its_destination) {
    for (const direction each : {direction::unknown, direction::ingress, direction::egress}) {
        trace sample;
        sample.flow.direction = each;
        BOOST_TEST(ends_of(sample, learning()) ==
                   "kept shop/frontend egress:ep:app=cart:TCP:8080; kept shop/cart ingress:ep:app=frontend:TCP:8080");
    }
    BOOST_TEST(ends_of(trace(), learning({"bank"})) == "unhandled other_namespace; unhandled other_namespace");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
