// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The shapes that JSON of protobuf messages may have.

#include <boost/test/unit_test.hpp>

#include "decode/json_keys.hpp"
#include "support/decoded.hpp"
#include "support/flow_text.hpp"

namespace cpg {

namespace {

using test::decoded;

std::string read(const std::string& line) {
    return test::batch_text(decoded(line).batch);
}

/// A line with the members in its flow.
std::string line_with(const std::string& members) {
    std::string out = R"({"flow":{"verdict":"DROPPED",)" + members + "}}";
    std::erase(out, '\n');
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decode_json_suite)

BOOST_AUTO_TEST_CASE(an_envelope_and_a_bare_flow_are_the_same_flow) {
    const std::string flow =
        R"({"verdict":"DROPPED","traffic_direction":"INGRESS","uuid":"u","time":"2026-01-14T09:00:00Z"})";
    BOOST_TEST(read(flow) == read(R"({"flow":)" + flow + "}"));
    BOOST_TEST(decoded(flow).flow().uuid == "u");
}

BOOST_AUTO_TEST_CASE(snake_case_and_camel_case_are_the_same_member) {
    const std::string snake =
        line_with(R"("traffic_direction":"EGRESS","drop_reason_desc":"POLICY_DENIED","is_reply":false,
        "event_type":{"type":1,"sub_type":133},"node_name":"n","destination_names":["a.b"],
        "source":{"pod_name":"p","cluster_name":"c"},"l4":{"TCP":{"source_port":1,"destination_port":2}})");
    const std::string camel = line_with(R"("trafficDirection":"EGRESS","dropReasonDesc":"POLICY_DENIED","isReply":false,
        "eventType":{"type":1,"subType":133},"nodeName":"n","destinationNames":["a.b"],
        "source":{"podName":"p","clusterName":"c"},"l4":{"TCP":{"sourcePort":1,"destinationPort":2}})");
    BOOST_TEST(read(snake) == read(camel));
    BOOST_TEST(read(snake).find("TCP/1>2") != std::string::npos);
    BOOST_TEST(decoded(camel).flow().source.pod_name == "p");
    BOOST_TEST(decoded(camel).flow().source.cluster == "c");
}

BOOST_AUTO_TEST_CASE(the_envelope_gives_time_and_node_that_the_flow_lacks) {
    const decoded one(R"({"flow":{"verdict":"DROPPED"},"node_name":"eu/worker-1","time":"2026-01-14T09:00:00.5Z"})");
    BOOST_TEST(one.flow().node_name == "eu/worker-1");
    BOOST_TEST(format_timestamp(one.flow().time_ns) == "2026-01-14T09:00:00.500Z");
}

BOOST_AUTO_TEST_CASE(enums_come_as_names_or_numbers_and_new_ones_count_as_unknown) {
    const decoded numbers(R"({"flow":{"verdict":2,"traffic_direction":2,"Type":1}})");
    BOOST_TEST((numbers.flow().verdict == verdict::dropped));
    BOOST_TEST((numbers.flow().direction == direction::egress));
    BOOST_TEST((numbers.flow().type == flow_type::l3_l4));
    const decoded unknown(R"({"flow":{"verdict":"SHREDDED","traffic_direction":"SIDEWAYS","Type":99}})");
    BOOST_TEST(unknown.batch.malformed_count == 0u);
    BOOST_TEST((unknown.flow().verdict == verdict::unknown));
    BOOST_TEST((unknown.flow().direction == direction::unknown));
    BOOST_TEST((unknown.flow().type == flow_type::unknown));
}

BOOST_AUTO_TEST_CASE(an_aggregated_flow_counts_as_all_that_it_stands_for) {
    BOOST_TEST(decoded(line_with(R"("aggregate":{"ingress_flow_count":3,"egress_flow_count":4})")).flow().count() ==
               7u);
    BOOST_TEST(decoded(line_with(R"("aggregate":{"unknownDirectionFlowCount":2})")).flow().count() == 2u);
    BOOST_TEST(decoded(line_with(R"("aggregate":{})")).flow().count() == 1u);
    BOOST_TEST(decoded(line_with(R"("uuid":"")")).flow().count() == 1u);
    BOOST_TEST(decoded(R"({"flow":{"verdict":"DROPPED","aggregate":{"ingress_flow_count":3}}})").flow().count() == 3u);
}

// Each is a member of its own: none may be taken for another that came before.
BOOST_AUTO_TEST_CASE(every_member_has_a_place_of_its_own_in_a_set) {
    for (unsigned one = 0; one <= static_cast<unsigned>(json::member::node_message); ++one) {
        json::member_set set;
        set.add(static_cast<json::member>(one));
        for (unsigned other = 0; other <= static_cast<unsigned>(json::member::node_message); ++other)
            BOOST_TEST(set.has(static_cast<json::member>(other)) == (one == other));
        set.remove(static_cast<json::member>(one));
        BOOST_TEST(!set.has(static_cast<json::member>(one)));
    }
}

BOOST_AUTO_TEST_CASE(integers_come_as_numbers_or_strings) {
    const decoded one(
        line_with(R"("l4":{"UDP":{"source_port":"5353","destination_port":53.0}},"source":{"identity":"41207"})"));
    BOOST_TEST(one.flow().source_port == 5353u);
    BOOST_TEST(one.flow().destination_port == 53u);
    BOOST_TEST(one.flow().source.identity == 41207u);
    const decoded lost(R"({"lost_events":{"source":2,"num_events_lost":18446744073709551615}})");
    BOOST_TEST(lost.batch.lost.at(0).number == 18446744073709551615u);
    BOOST_TEST(lost.batch.lost.at(0).source == "OBSERVER_EVENTS_QUEUE");
    // As the wire has it: the number of a source that is not known is told, not taken for another one.
    const decoded newer(R"({"lost_events":{"source":9,"num_events_lost":1}})");
    BOOST_TEST(newer.batch.lost.at(0).source == "9");
}

BOOST_AUTO_TEST_CASE(null_is_absent_everywhere) {
    const decoded one(
        line_with(R"("l4":null,"source":null,"destination":{"labels":null,"workloads":null,"identity":null},
        "event_type":null,"is_reply":null,"destination_names":null,"time":null,"l7":null,"IP":null)"));
    BOOST_TEST(one.batch.malformed_count == 0u);
    BOOST_TEST((one.flow().protocol == l4_protocol::none));
    BOOST_TEST(!one.flow().source.present);
    BOOST_TEST(one.flow().destination.present);
    BOOST_TEST((one.flow().is_reply == tristate::absent));
    BOOST_TEST((one.flow().l7 == l7_record::none));
}

BOOST_AUTO_TEST_CASE(a_null_member_does_not_decide_what_a_line_is) {
    BOOST_TEST(read(R"({"flow":null,"lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":"3"}})") ==
               "lost 3 HUBBLE_RING_BUFFER");
    BOOST_TEST(read(R"({"flow":{"verdict":"DROPPED"},"lost_events":null,"node_status":null})").starts_with("DROPPED"));
    BOOST_TEST(read(R"({"lost_events":null,"node_status":{"state_change":"NODE_CONNECTED","node_names":["a"]}})") ==
               "NODE_CONNECTED a");
    BOOST_TEST(read(R"({"flow":null})").starts_with("malformed: no flow"));
}

BOOST_AUTO_TEST_CASE(members_that_cpg_does_not_know_are_skipped_however_deep) {
    const decoded one(line_with(R"("future":{"a":[{"b":[1,2.5,-3,true,null,"x"]}],"verdict":"FORWARDED"},"uuid":"u")"));
    BOOST_TEST(one.batch.malformed_count == 0u);
    BOOST_TEST((one.flow().verdict == verdict::dropped));
    BOOST_TEST(one.flow().uuid == "u");
}

BOOST_AUTO_TEST_CASE(lists_of_objects_give_their_first_entry) {
    const decoded one(line_with(R"("source":{"workloads":[{"name":"api","kind":"Deployment"},{"name":"b"}],
        "labels":["k8s:app=a"]},
        "ingress_denied_by":[{"name":"deny","namespace":"shop","labels":["x"]},{"name":"other"}])"));
    BOOST_TEST(one.flow().source.workload == "api");
    BOOST_TEST(one.flow().source.labels->workload == "a");
    BOOST_TEST(one.flow().denied_by_name == "deny");
    BOOST_TEST(one.flow().denied_by_namespace == "shop");
}

BOOST_AUTO_TEST_CASE(escaped_strings_and_keys_are_read_as_what_they_mean) {
    const decoded one(
        "{\"fl\\u006fw\":{\"verdict\":\"DR\\u004fPPED\",\"uuid\":\"a\\u0026b\\n\\\"\\u00e4\\ud83d\\ude00\","
        "\"source\":{\"labels\":[\"k8s:\\u0061pp=a\"]}}}");
    BOOST_TEST((one.flow().verdict == verdict::dropped));
    BOOST_TEST(one.flow().uuid == "a&b\n\"\u00e4\U0001F600");
    BOOST_TEST(one.flow().source.labels->workload == "a");
}

BOOST_AUTO_TEST_CASE(text_stays_readable_when_the_batch_has_many_lines) {
    std::string text;
    for (int i = 0; i < 1000; ++i)
        text += R"({"flow":{"verdict":"DROPPED","uuid":"\u0061)" + std::to_string(i) + "\"}}\n";
    const decoded all(text);
    BOOST_TEST_REQUIRE(all.batch.flows.size() == 1000u);
    for (int i = 0; i < 1000; ++i)
        BOOST_TEST(all.batch.flows[static_cast<std::size_t>(i)].uuid == "a" + std::to_string(i));
}

BOOST_AUTO_TEST_CASE(absent_is_told_from_false) {
    BOOST_TEST((decoded(line_with(R"("is_reply":false)")).flow().is_reply == tristate::no));
    BOOST_TEST((decoded(line_with(R"("is_reply":true)")).flow().is_reply == tristate::yes));
    BOOST_TEST((decoded(line_with(R"("uuid":"")")).flow().is_reply == tristate::absent));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
