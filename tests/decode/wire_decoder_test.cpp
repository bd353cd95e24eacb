// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/wire_decoder.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <random>

#include "support/hubble_json.hpp"

namespace cpg {

namespace {

const std::string samples = TEST_DATA "/sample-flows.jsonl";

// Owns what a decoded batch points into.
struct decoded {
    decoded() = default;
    explicit decoded(std::string message) { decode({std::move(message)}); }
    explicit decoded(const observer::GetFlowsResponse& message) { decode({message.SerializeAsString()}); }

    void decode(std::vector<std::string> messages) {
        std::vector<std::string_view> views;
        std::size_t at = batch.bytes.size();
        for (const std::string& message : messages)
            batch.bytes += message;
        for (const std::string& message : messages) {
            views.push_back(std::string_view(batch.bytes).substr(at, message.size()));
            at += message.size();
        }
        decode_proto(views, cache, batch);
    }

    label_table table;
    decode_cache cache{table};
    flow_batch batch;
};

std::vector<std::string> raw(const label_set* labels) {
    BOOST_REQUIRE(labels);
    return {labels->raw.begin(), labels->raw.end()};
}

void check_endpoint(const endpoint& got, bool present, const ::flow::Endpoint& want) {
    BOOST_TEST(got.present == present);
    BOOST_TEST(got.identity == want.identity());
    BOOST_TEST(got.pod_namespace == want.namespace_());
    BOOST_TEST(got.pod_name == want.pod_name());
    BOOST_TEST(got.cluster == want.cluster_name());
    BOOST_TEST(got.workload == (want.workloads_size() ? want.workloads(0).name() : ""));
    BOOST_TEST(raw(got.labels) == std::vector<std::string>(want.labels().begin(), want.labels().end()),
               boost::test_tools::per_element());
}

l4_protocol protocol_of(const ::flow::Layer4& l4) {
    switch (l4.protocol_case()) {
        case ::flow::Layer4::kTCP: return l4_protocol::tcp;
        case ::flow::Layer4::kUDP: return l4_protocol::udp;
        case ::flow::Layer4::kSCTP: return l4_protocol::sctp;
        case ::flow::Layer4::kICMPv4: return l4_protocol::icmpv4;
        case ::flow::Layer4::kICMPv6: return l4_protocol::icmpv6;
        case ::flow::Layer4::PROTOCOL_NOT_SET: return l4_protocol::none;
        default: return l4_protocol::other;
    }
}

void check_l4(const flow& got, const ::flow::Layer4& want) {
    BOOST_TEST((got.protocol == protocol_of(want)));
    // At most one member is set, the others read as zero.
    BOOST_TEST(got.source_port == want.tcp().source_port() + want.udp().source_port() + want.sctp().source_port());
    BOOST_TEST(got.destination_port ==
               want.tcp().destination_port() + want.udp().destination_port() + want.sctp().destination_port());
    BOOST_TEST(got.icmp_type == want.icmpv4().type() + want.icmpv6().type());
    BOOST_TEST(got.tcp_syn == want.tcp().flags().syn());
    BOOST_TEST(got.tcp_ack == want.tcp().flags().ack());
}

void check_l7(const flow& got, const ::flow::Flow& want) {
    BOOST_TEST((got.l7 == l7_record::http) == want.l7().has_http());
    BOOST_TEST((got.l7 == l7_record::dns) == want.l7().has_dns());
    BOOST_TEST((got.l7 == l7_record::none) == !want.has_l7());
    BOOST_TEST(static_cast<int>(got.l7_type) == want.l7().type());
    BOOST_TEST(got.http_method == want.l7().http().method());
    BOOST_TEST(got.http_url == want.l7().http().url());
    BOOST_TEST(got.dns_query == want.l7().dns().query());
    const auto& ips = want.l7().dns().ips();
    BOOST_TEST(got.dns_ips == std::vector<std::string_view>(ips.begin(), ips.end()), boost::test_tools::per_element());
}

void check_flow(const flow& got, const observer::GetFlowsResponse& message) {
    const ::flow::Flow& want = message.flow();
    const auto& time = want.has_time() ? want.time() : message.time();
    BOOST_TEST(got.time_ns == time.seconds() * 1'000'000'000 + time.nanos());
    BOOST_TEST(got.uuid == want.uuid());
    BOOST_TEST(got.node_name == (want.node_name().empty() ? message.node_name() : want.node_name()));
    BOOST_TEST(static_cast<int>(got.verdict) == want.verdict());
    BOOST_TEST(static_cast<int>(got.direction) == want.traffic_direction());
    BOOST_TEST(static_cast<int>(got.type) == want.type());
    BOOST_TEST(got.drop_reason_desc.number == static_cast<std::uint32_t>(want.drop_reason_desc()));
    BOOST_TEST(got.event_type == static_cast<std::uint32_t>(want.event_type().type()));
    BOOST_TEST(got.event_sub_type == static_cast<std::uint32_t>(want.event_type().sub_type()));
    BOOST_TEST((got.is_reply != tristate::absent) == want.has_is_reply());
    BOOST_TEST((got.is_reply == tristate::yes) == want.is_reply().value());
    BOOST_TEST(got.source_ip == want.ip().source());
    BOOST_TEST(got.destination_ip == want.ip().destination());
    const auto& aggregate = want.aggregate();
    BOOST_TEST(got.aggregated == std::uint64_t{aggregate.ingress_flow_count()} + aggregate.egress_flow_count() +
                                     aggregate.unknown_direction_flow_count());
    check_endpoint(got.source, want.has_source(), want.source());
    check_endpoint(got.destination, want.has_destination(), want.destination());
    check_l4(got, want.l4());
    check_l7(got, want);
    BOOST_TEST(got.destination_names ==
                   std::vector<std::string_view>(want.destination_names().begin(), want.destination_names().end()),
               boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decode_proto_suite)

BOOST_AUTO_TEST_CASE(every_sample_has_the_fields_that_protobuf_reads) {
    for (const auto& message : test::responses_in(samples)) {
        BOOST_TEST_CONTEXT(message.ShortDebugString()) {
            const decoded got(message);
            BOOST_TEST(got.batch.malformed_count == 0u);
            BOOST_REQUIRE(got.batch.flows.size() == (message.has_flow() ? 1u : 0u));
            if (message.has_flow()) check_flow(got.batch.flows[0], message);
        }
    }
}

BOOST_AUTO_TEST_CASE(an_aggregated_flow_counts_as_all_that_it_stands_for) {
    auto message = test::numbered_response(1);
    BOOST_TEST(decoded(message).batch.flows.at(0).count() == 1u);
    auto& aggregate = *message.mutable_flow()->mutable_aggregate();
    aggregate.set_ingress_flow_count(4'000'000'000);
    aggregate.set_egress_flow_count(4'000'000'000);
    aggregate.set_unknown_direction_flow_count(5);
    const decoded got(message);
    check_flow(got.batch.flows.at(0), message);
    BOOST_TEST(got.batch.flows[0].count() == 8'000'000'005u);
}

BOOST_AUTO_TEST_CASE(denied_by_names_the_first_policy) {
    auto message = test::numbered_response(1);
    auto& policy = *message.mutable_flow()->add_ingress_denied_by();
    policy.set_name("no-entry");
    policy.set_namespace_("shop");
    message.mutable_flow()->add_ingress_denied_by()->set_name("second");
    const decoded got(message);
    BOOST_TEST(got.batch.flows.at(0).denied_by_name == "no-entry");
    BOOST_TEST(got.batch.flows[0].denied_by_namespace == "shop");
}

BOOST_AUTO_TEST_CASE(the_envelope_stands_in_for_what_the_flow_lacks) {
    observer::GetFlowsResponse message;
    message.mutable_flow()->set_verdict(::flow::DROPPED);
    message.set_node_name("worker-1");
    message.mutable_time()->set_seconds(5);
    const decoded got(message);
    BOOST_TEST(got.batch.flows.at(0).node_name == "worker-1");
    BOOST_TEST(got.batch.flows[0].time_ns == 5'000'000'000);
    BOOST_TEST(!got.batch.flows[0].source.present);
    BOOST_REQUIRE(got.batch.flows[0].source.labels);
    BOOST_TEST(got.batch.flows[0].source.labels->raw.empty());
}

BOOST_AUTO_TEST_CASE(lost_events_and_node_status_go_into_the_batch) {
    observer::GetFlowsResponse lost;
    lost.mutable_lost_events()->set_source(::flow::HUBBLE_RING_BUFFER);
    lost.mutable_lost_events()->set_num_events_lost(7);
    observer::GetFlowsResponse status;
    status.mutable_node_status()->set_state_change(relay::NODE_UNAVAILABLE);
    status.mutable_node_status()->add_node_names("worker-4");
    status.mutable_node_status()->set_message("gone");
    decoded got(lost);
    got.decode({status.SerializeAsString()});
    BOOST_TEST(got.batch.lost.at(0).source == "HUBBLE_RING_BUFFER");
    BOOST_TEST(got.batch.lost[0].number == 7u);
    BOOST_TEST(got.batch.nodes.at(0).state == "NODE_UNAVAILABLE");
    BOOST_TEST(got.batch.nodes[0].nodes.at(0) == "worker-4");
    BOOST_TEST(got.batch.nodes[0].message == "gone");
    BOOST_TEST(got.batch.other_events == 1u);
    BOOST_TEST(got.batch.lines == 2u);
}

BOOST_AUTO_TEST_CASE(enum_numbers_of_a_newer_hubble_are_unknown_but_a_reason_keeps_its_number) {
    auto message = test::numbered_response(1);
    message.mutable_flow()->set_verdict(static_cast<::flow::Verdict>(99));
    message.mutable_flow()->set_drop_reason_desc(static_cast<::flow::DropReason>(206));
    const decoded got(message);
    BOOST_TEST((got.batch.flows.at(0).verdict == verdict::unknown));
    BOOST_TEST(got.batch.flows[0].drop_reason_desc.number == 206u);
}

BOOST_AUTO_TEST_CASE(unknown_fields_are_skipped) {
    auto message = test::numbered_response(1);
    auto& unknown = *message.mutable_flow()->GetReflection()->MutableUnknownFields(message.mutable_flow());
    unknown.AddVarint(7000, 1);
    unknown.AddLengthDelimited(7001, "text");
    unknown.AddFixed64(7002, 2);
    unknown.AddGroup(7003)->AddFixed32(1, 3);
    const decoded got(message);
    BOOST_TEST(got.batch.malformed_count == 0u);
    BOOST_TEST(got.batch.flows.at(0).uuid == "flow-1");
}

BOOST_AUTO_TEST_CASE(endpoints_seen_before_are_as_when_they_were_first_read) {
    const auto messages = test::responses_in(samples);
    std::vector<std::string> bytes;
    for (int round = 0; round < 3; ++round)
        for (const auto& message : messages)
            bytes.push_back(message.SerializeAsString());
    decoded got;
    got.decode(bytes);
    std::size_t at = 0;
    for (int round = 0; round < 3; ++round)
        for (const auto& message : messages) {
            if (!message.has_flow()) continue;
            const flow& flow = got.batch.flows.at(at++);
            check_endpoint(flow.source, message.flow().has_source(), message.flow().source());
            check_endpoint(flow.destination, message.flow().has_destination(), message.flow().destination());
        }
    BOOST_TEST(at == got.batch.flows.size());
}

// Protobuf puts a message that comes in two fields together, and a known half must not stand for the whole.
BOOST_AUTO_TEST_CASE(an_endpoint_in_two_fields_is_one_also_when_its_first_half_is_known) {
    observer::GetFlowsResponse half;
    half.mutable_flow()->mutable_source()->set_namespace_("shop");
    half.mutable_flow()->mutable_source()->add_labels("k8s:app=a");
    ::flow::Flow rest;
    rest.mutable_source()->set_pod_name("a-1");
    rest.mutable_source()->add_labels("k8s:tier=b");
    observer::GetFlowsResponse both;
    BOOST_REQUIRE(both.mutable_flow()->ParseFromString(half.flow().SerializeAsString() + rest.SerializeAsString()));
    std::string split = half.flow().SerializeAsString() + rest.SerializeAsString();
    split = std::string("\x0a") + static_cast<char>(split.size()) + split;
    decoded got(half.SerializeAsString());
    got.decode({split, half.SerializeAsString(), split});
    for (const std::size_t at : {1u, 3u})
        check_endpoint(got.batch.flows.at(at).source, true, both.flow().source());
    check_endpoint(got.batch.flows.at(2).source, true, half.flow().source());
}

BOOST_AUTO_TEST_CASE(a_cut_message_adds_a_malformed_one_or_less_of_a_flow_and_never_reads_on) {
    for (const auto& message : test::responses_in(samples)) {
        const std::string whole = message.SerializeAsString();
        label_table table;
        decode_cache cache(table);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            // A block of its own for each, so that a read beyond the end is one that a sanitizer sees.
            const std::unique_ptr<char[]> cut(new char[size]);
            std::copy_n(whole.data(), size, cut.get());
            flow_batch batch;
            const std::string_view view(cut.get(), size);
            decode_proto({&view, 1}, cache, batch);
            BOOST_REQUIRE(batch.flows.size() + batch.malformed_count + batch.lost.size() + batch.other_events == 1);
            if (peek_proto(view).is_flow) BOOST_REQUIRE(message.has_flow());
        }
    }
}

BOOST_AUTO_TEST_CASE(garbled_bytes_never_crash) {
    const auto messages = test::responses_in(samples);
    std::minstd_rand random(7);
    label_table table;
    decode_cache cache(table);
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes = messages[random() % messages.size()].SerializeAsString();
        for (int change = 0; change < 4; ++change)
            bytes[random() % bytes.size()] = static_cast<char>(random() >> 8);
        flow_batch batch;
        const std::string_view view = bytes;
        decode_proto({&view, 1}, cache, batch);
        peek_proto(view);
        BOOST_REQUIRE(batch.lines == 1u);
    }
}

BOOST_AUTO_TEST_CASE(only_the_first_malformed_messages_are_kept) {
    decoded got(std::string("\xff"));
    got.decode(std::vector<std::string>(20, "\x0a\x05"));
    BOOST_TEST(got.batch.malformed_count == 21u);
    BOOST_TEST(got.batch.malformed.size() == flow_batch::most_malformed_kept);
    BOOST_TEST(got.batch.malformed[1].problem == "cut off within a field");
}

BOOST_AUTO_TEST_CASE(an_envelope_is_read_without_what_is_inside) {
    auto message = test::numbered_response(1);
    message.mutable_time()->set_seconds(7);
    message.mutable_time()->set_nanos(5);
    BOOST_TEST(peek_proto(message.SerializeAsString()).is_flow);
    BOOST_TEST(peek_proto(message.SerializeAsString()).time_ns == 7'000'000'005);
    observer::GetFlowsResponse status;
    status.mutable_node_status()->set_state_change(::relay::NODE_CONNECTED);
    BOOST_TEST(!peek_proto(status.SerializeAsString()).is_flow);
    BOOST_TEST(!peek_proto("\xff").is_flow);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
