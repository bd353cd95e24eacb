// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The gates up to the rule: verdict, ignored reasons and protocols, class, subject, namespace, port.

#include "classify/gates.hpp"

#include <boost/test/unit_test.hpp>

#include "support/judgement_text.hpp"
#include "support/sample_flow.hpp"

namespace cpg {

namespace {

std::string judged(const flow& flow, gate_settings settings = {}) {
    return test::judgement_text(gates(std::move(settings)).judge(flow));
}

template <class Change>
std::string changed(Change change, gate_settings settings = {}) {
    test::sample_flow sample;
    change(sample, sample.flow);
    return judged(sample.flow, std::move(settings));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gates_suite)

BOOST_AUTO_TEST_CASE(a_policy_denial_makes_a_rule_for_the_side_that_dropped) {
    BOOST_TEST(changed([](auto&, flow&) {}) == "kept shop/cart ingress:ep:app=frontend:TCP:8080");
    BOOST_TEST(changed([](auto&, flow& dropped) { dropped.direction = direction::egress; }) ==
               "kept shop/frontend egress:ep:app=cart:TCP:8080");
}

BOOST_AUTO_TEST_CASE(only_dropped_flows_count) {
    for (const verdict each : {verdict::unknown, verdict::forwarded, verdict::error, verdict::audit,
                               verdict::redirected, verdict::traced, verdict::translated})
        BOOST_TEST(changed([&](auto&, flow& flow) { flow.verdict = each; }) == "not_dropped");
}

BOOST_AUTO_TEST_CASE(what_audit_mode_let_through_counts_like_a_denial_when_asked_for) {
    gate_settings settings;
    settings.audit = true;
    const auto audited = [](auto&, flow& flow) { flow.verdict = verdict::audit; };
    BOOST_TEST(changed(audited, settings) == changed([](auto&, flow&) {}));
    BOOST_TEST(
        changed([](auto&,
                   flow& flow) { flow.verdict = verdict::audit, flow.drop_reason = 181, flow.drop_reason_desc = {}; },
                settings) == "unhandled explicit_deny");
    BOOST_TEST(changed([](auto&, flow& flow) { flow.verdict = verdict::forwarded; }, settings) == "not_dropped");
}

BOOST_AUTO_TEST_CASE(a_flow_outside_of_the_window_makes_no_rule_and_counts_for_nothing_else) {
    gate_settings settings;
    settings.window = {.since_ns = 1000, .until_ns = 2000};
    const auto at = [&](std::int64_t time, std::string_view reason = "POLICY_DENIED") {
        return changed(
            [&](auto&, flow& flow) {
                flow.time_ns = time, flow.drop_reason = 0, flow.drop_reason_desc.name = reason, flow.event_type = 5;
            },
            settings);
    };
    BOOST_TEST(at(1000) == "kept shop/cart ingress:ep:app=frontend:TCP:8080");
    BOOST_TEST(at(2000) == "kept shop/cart ingress:ep:app=frontend:TCP:8080");
    for (const std::int64_t outside : {999, 2001, 0})
        BOOST_TEST(at(outside) == "unhandled outside_window", outside);
    BOOST_TEST(at(3000, "CT_MAP_INSERTION_FAILED") == "unhandled outside_window");
    settings.window = {.since_ns = -1000};
    BOOST_TEST(at(0) == "unhandled outside_window");
    BOOST_TEST(changed([](auto&, flow& flow) { flow.time_ns = 3000, flow.verdict = verdict::forwarded; }, settings) ==
               "not_dropped");
}

BOOST_AUTO_TEST_CASE(ignored_reasons_come_before_ignored_protocols_and_both_before_the_class) {
    gate_settings settings;
    settings.ignored_protocols = {l4_protocol::tcp};
    BOOST_TEST(changed([](auto&, flow&) {}, settings) == "ignored_protocol");
    settings.ignored_reasons = {find_drop_reason("POLICY_DENIED")};
    BOOST_TEST(changed([](auto&, flow&) {}, settings) == "ignored_reason");
    settings.ignored_reasons = {find_drop_reason("CT_MAP_INSERTION_FAILED")};
    BOOST_TEST(changed([](auto&, flow& dropped) { dropped.drop_reason_desc.name = "CT_MAP_INSERTION_FAILED"; },
                       settings) == "ignored_reason");
    BOOST_TEST(changed([](auto&, flow& dropped) { dropped.drop_reason_desc.name = "CT_NO_MAP_FOUND"; }, settings) ==
               "ignored_protocol");
}

BOOST_AUTO_TEST_CASE(only_the_class_policy_makes_rules) {
    const auto with_reason = [](std::string_view name) {
        return changed(
            [&](auto&, flow& flow) { flow.drop_reason_desc.name = name, flow.drop_reason = 0, flow.event_type = 5; });
    };
    BOOST_TEST(with_reason("POLICY_DENY") == "unhandled explicit_deny");
    BOOST_TEST(with_reason("AUTH_REQUIRED") == "unhandled auth_required");
    BOOST_TEST(with_reason("DENIED_BY_LB_SRC_RANGE_CHECK") == "unhandled lb_source_range");
    BOOST_TEST(with_reason("CT_MAP_INSERTION_FAILED") == "health_drop CT_MAP_INSERTION_FAILED");
    BOOST_TEST(with_reason("STALE_OR_UNROUTABLE_IP") == "health_drop STALE_OR_UNROUTABLE_IP");
    BOOST_TEST(with_reason("IS_A_CLUSTERIP") == "noise");
    BOOST_TEST(with_reason("BRAND_NEW") == "unhandled unknown_drop_reason");
    BOOST_TEST(with_reason("") == "kept shop/cart ingress:ep:app=frontend:TCP:8080");
}

BOOST_AUTO_TEST_CASE(a_flow_without_direction_or_subject_makes_no_rule) {
    BOOST_TEST(changed([](auto&, flow& flow) { flow.direction = direction::unknown; }) ==
               "unhandled unknown_direction");
    BOOST_TEST(changed([](auto&, flow& flow) { flow.destination.present = false; }) == "unhandled nil_endpoint");
    BOOST_TEST(changed([](auto&, flow& flow) { flow.source.present = false; }) == "unhandled nil_source");
    BOOST_TEST(changed([](auto&, flow& flow) {
                   flow.destination.present = false, flow.direction = direction::egress;
               }) == "unhandled nil_destination");
}

BOOST_AUTO_TEST_CASE(a_subject_that_is_no_pod_makes_no_rule) {
    for (const char* name :
         {"host", "remote-node", "kube-apiserver", "health", "ingress", "init", "unmanaged", "unknown"})
        BOOST_TEST(changed([&](test::sample_flow& sample, flow& flow) {
                       flow.destination = sample.other("", {"reserved:" + std::string(name)});
                   }) == "unhandled reserved_identity",
                   name);
}

BOOST_AUTO_TEST_CASE(a_subject_without_a_selector_makes_no_rule) {
    BOOST_TEST(changed([](test::sample_flow& sample, flow& flow) {
                   flow.destination = sample.pod("shop", {"k8s:pod-template-hash=abc", "k8s:job-name=x"});
               }) == "unhandled no_usable_labels");
    BOOST_TEST(changed([](test::sample_flow& sample, flow& flow) {
                   flow.destination = sample.pod("shop", {"k8s:app=../../x"});
               }) == "unhandled invalid_name");
}

BOOST_AUTO_TEST_CASE(a_namespace_that_is_missing_or_no_name_makes_no_rule) {
    BOOST_TEST(changed([](test::sample_flow& sample, flow& flow) {
                   flow.destination = sample.pod("", {"k8s:app=cart"});
               }) == "unhandled empty_namespace");
    for (const char* name : {"../../x", "Shop", "a/b", "a\nb", "-a", "a.b", ".", ".."})
        BOOST_TEST(
            changed([&](auto&, flow& flow) { flow.destination.pod_namespace = name; }) == "unhandled invalid_name",
            name);
    BOOST_TEST(changed([](auto&, flow& flow) { flow.destination.pod_namespace = {}; }) ==
               "kept shop/cart ingress:ep:app=frontend:TCP:8080");
}

BOOST_AUTO_TEST_CASE(with_namespaces_asked_for_only_the_subjects_namespace_counts) {
    gate_settings settings;
    settings.namespaces = {"shop"};
    BOOST_TEST(changed([](auto&, flow&) {}, settings).starts_with("kept"));
    BOOST_TEST(changed([](test::sample_flow& sample,
                          flow& dropped) { dropped.source = sample.pod("jobs", {"k8s:app=batch"}); },
                       settings) == "kept shop/cart ingress:ep:app=batch,io.kubernetes.pod.namespace=jobs:TCP:8080");
    settings.namespaces = {"jobs"};
    BOOST_TEST(changed([](test::sample_flow& sample,
                          flow& dropped) { dropped.source = sample.pod("jobs", {"k8s:app=batch"}); },
                       settings) == "unhandled other_namespace");
}

BOOST_AUTO_TEST_CASE(ports_that_no_rule_can_name_make_none) {
    for (const std::uint32_t port : {0u, 65536u, 70000u, 4294967295u})
        BOOST_TEST(changed([&](auto&, flow& flow) { flow.destination_port = port; }) == "unhandled no_l4", port);
    BOOST_TEST(changed([](auto&, flow& flow) { flow.destination_port = 65535; }).starts_with("kept"));
    BOOST_TEST(changed([](auto&, flow& flow) { flow.protocol = l4_protocol::none; }) == "unhandled no_l4");
    BOOST_TEST(changed([](auto&, flow& flow) { flow.protocol = l4_protocol::other; }) == "unhandled unknown_protocol");
}

BOOST_AUTO_TEST_CASE(icmp_requests_make_rules_and_nothing_else_does) {
    const auto icmp = [](l4_protocol protocol, std::uint32_t type) {
        return changed(
            [&](auto&, flow& flow) { flow.protocol = protocol, flow.icmp_type = type, flow.destination_port = 0; });
    };
    BOOST_TEST(icmp(l4_protocol::icmpv4, 8) == "kept shop/cart ingress:ep:app=frontend:ICMPv4:8");
    BOOST_TEST(icmp(l4_protocol::icmpv6, 128) == "kept shop/cart ingress:ep:app=frontend:ICMPv6:128");
    BOOST_TEST(icmp(l4_protocol::icmpv4, 0) == "unhandled reply");
    BOOST_TEST(icmp(l4_protocol::icmpv6, 129) == "unhandled reply");
    BOOST_TEST(icmp(l4_protocol::icmpv6, 135) == "unhandled unknown_protocol");
    BOOST_TEST(icmp(l4_protocol::icmpv4, 256) == "unhandled unknown_protocol");
    BOOST_TEST(icmp(l4_protocol::icmpv4, 264) == "unhandled unknown_protocol");
}

BOOST_AUTO_TEST_CASE(sctp_makes_rules) {
    BOOST_TEST(changed([](auto&, flow& flow) { flow.protocol = l4_protocol::sctp; }) ==
               "kept shop/cart ingress:ep:app=frontend:SCTP:8080");
}

BOOST_AUTO_TEST_CASE(a_record_of_the_proxy_never_becomes_a_plain_rule) {
    BOOST_TEST(changed([](auto&, flow& flow) { flow.type = flow_type::l7; }) == "unhandled l7_without_flag");
    BOOST_TEST(changed([](auto&, flow& flow) { flow.l7 = l7_record::http; }) == "unhandled l7_without_flag");
    BOOST_TEST(changed([](auto&, flow& flow) { flow.l7 = l7_record::other; }) == "unhandled l7_without_flag");
}

BOOST_AUTO_TEST_CASE(with_l7_a_request_counts_whatever_became_of_it) {
    gate_settings settings;
    settings.l7 = true;
    const auto request = [&](verdict verdict, l7_type type = l7_type::request) {
        return changed(
            [&](auto&, flow& flow) {
                flow.verdict = verdict, flow.type = flow_type::l7, flow.l7 = l7_record::http, flow.l7_type = type;
                flow.http_method = "GET", flow.http_url = "http://cart/a", flow.drop_reason_desc = {};
                flow.drop_reason = 0, flow.tcp_syn = false;
            },
            settings);
    };
    const std::string kept = request(verdict::dropped);
    BOOST_TEST(kept.starts_with("kept"));
    for (const verdict each : {verdict::forwarded, verdict::redirected, verdict::audit, verdict::error})
        BOOST_TEST(request(each) == kept);
    BOOST_TEST(request(verdict::unknown) == "not_dropped");
    BOOST_TEST(request(verdict::forwarded, l7_type::response) == "not_dropped");
    BOOST_TEST(request(verdict::forwarded, l7_type::sample) == "not_dropped");
    settings.ignored_protocols = {l4_protocol::tcp};
    BOOST_TEST(request(verdict::forwarded) == "ignored_protocol");
    settings = {};
    BOOST_TEST(request(verdict::forwarded) == "not_dropped");
}

BOOST_AUTO_TEST_CASE(a_reply_makes_no_rule) {
    BOOST_TEST(changed([](auto&, flow& flow) { flow.tcp_ack = true; }) == "unhandled reply");
    BOOST_TEST(changed([](auto&, flow& flow) { flow.is_reply = tristate::yes; }) == "unhandled reply");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
