// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// What cpg says where flows were read and none, or not those that were meant, makes a rule.

#include <boost/test/unit_test.hpp>

#include "e2e/workplace.hpp"

namespace cpg {

namespace {

using test::app_end;
using test::has;
using test::line_of;
using test::run_result;
using test::shown_flow;
using test::workplace;

// app=web to app=api, both in this namespace.
shown_flow flow_in(const std::string& pod_namespace, const std::string& verdict = "DROPPED") {
    return {.verdict = verdict, .source = app_end(pod_namespace, "web"), .destination = app_end(pod_namespace, "api")};
}

std::string flow(const std::string& pod_namespace, const std::string& verdict = "DROPPED") {
    return line_of(flow_in(pod_namespace, verdict));
}

std::string with_label(const std::string& label) {
    shown_flow out = flow_in("prod");
    out.destination = test::pod_end("prod", {"k8s:app=api", label});
    return line_of(out);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(silence_suite)

BOOST_AUTO_TEST_CASE(flows_of_which_none_was_dropped_are_named_by_their_verdicts) {
    const workplace at;
    const run_result ran = at.run({"replay", "-"}, flow("prod", "AUDIT") + flow("prod", "AUDIT"));
    BOOST_TEST(ran.exit_code == 0);
    BOOST_TEST(has(ran.err, "--include-audit makes some of AUDIT too  {\"verdicts\": {\"AUDIT\": 2}}"));
    BOOST_TEST(!has(at.run({"replay", "-"}, flow("prod")).err, "none that was DROPPED"));
}

BOOST_AUTO_TEST_CASE(with_include_audit_what_audit_mode_let_through_makes_rules_and_is_counted) {
    const workplace at;
    const std::string audited = flow("prod", "AUDIT");
    const run_result ran = at.run({"replay", "-", "--include-audit", "-o", "policies"}, audited);
    BOOST_TEST(ran.exit_code == 0);
    BOOST_TEST(has(ran.err, "\"flows_audit\": 1"));
    BOOST_TEST(!has(ran.err, "WARN"));
    BOOST_TEST(at.files().contains("prod/api.yaml"));
    BOOST_TEST(has(at.run({"explain", "prod/api", "-o", "policies"}).out, "  AUDIT\n"));
    BOOST_TEST(has(at.run({"replay", "-", "--include-audit"}, flow("prod")).err, "no flow has the verdict AUDIT"));
}

BOOST_AUTO_TEST_CASE(requests_that_were_let_through_make_rules_with_l7_and_are_pointed_at_without) {
    const workplace at;
    shown_flow let_through = flow_in("prod", "FORWARDED");
    let_through.type = "L7";
    let_through.event = R"({"type":129})";
    let_through.more = R"("is_reply":false,"l7":{"type":"REQUEST","http":{"method":"GET","url":"http://api/a"}},)";
    const std::string request = line_of(let_through);
    BOOST_TEST(has(at.run({"replay", "-"}, request).err, "--l7 makes some of L7 requests too"));
    const run_result ran = at.run({"replay", "-", "--l7", "-o", "policies"}, request);
    BOOST_TEST(ran.exit_code == 0);
    BOOST_TEST(!has(ran.err, "none that was DROPPED"));
    BOOST_TEST(has(test::read_text(at.path() / "policies/prod/api.yaml"), "path: \"^/a$\""));
    BOOST_TEST(has(at.run({"explain", "prod/api", "-o", "policies"}).out, "FORWARDED"));
}

BOOST_AUTO_TEST_CASE(a_member_that_a_field_mask_cut_from_every_flow_is_named) {
    const workplace at;
    BOOST_TEST(has(at.run({"replay", "-"}, flow("prod", "")).err, "no flow has the member 'verdict'"));
    const std::string no_labels =
        R"({"flow":{"verdict":"DROPPED","source":{"namespace":"a"},"destination":{"namespace":"b"},)"
        R"("traffic_direction":"INGRESS"}})";
    BOOST_TEST(has(at.run({"replay", "-"}, no_labels + "\n").err, "no flow has the members 'source.labels'"));
    std::string no_direction = flow("prod");
    no_direction.replace(no_direction.find(R"(,"traffic_direction":"INGRESS")"), 30, "");
    BOOST_TEST(has(at.run({"replay", "-"}, no_direction).err, "no flow has the member 'traffic_direction'"));
    BOOST_TEST(!has(at.run({"replay", "-"}, flow("prod")).err, "no flow has the member"));
    const std::string infra = R"({"flow":{"verdict":"DROPPED","drop_reason_desc":"CT_MAP_INSERTION_FAILED"}})";
    BOOST_TEST(!has(at.run({"replay", "-"}, infra + "\n").err, "no flow has the member"));
}

BOOST_AUTO_TEST_CASE(a_namespace_without_a_flow_is_named_with_those_that_there_are) {
    const workplace at;
    const run_result ran = at.run({"replay", "-", "-n", "prod,nowhere"}, flow("prod") + flow("jobs"));
    BOOST_TEST(has(ran.err, R"({"namespaces": ["nowhere"], "seen": ["jobs", "prod"]})"));
}

BOOST_AUTO_TEST_CASE(infra_drops_of_other_namespaces_are_not_those_that_were_asked_about) {
    const workplace at;
    std::string infra = flow("jobs");
    infra.replace(infra.find("POLICY_DENIED"), 13, "CT_MAP_INSERTION_FAILED");
    BOOST_TEST(at.run({"replay", "-", "-n", "prod", "--fail-on-infra-drops"}, infra).exit_code == 0);
    BOOST_TEST(at.run({"replay", "-", "-n", "jobs", "--fail-on-infra-drops"}, infra).exit_code == 1);
}

BOOST_AUTO_TEST_CASE(one_selector_over_two_releases_is_a_warning_that_select_by_mends) {
    const workplace at;
    const auto instance = [](const std::string& name) { return with_label("k8s:app.kubernetes.io/instance=" + name); };
    const std::string both = instance("one") + instance("two");
    BOOST_TEST(has(at.run({"replay", "-"}, both).err, "--select-by can tell them apart"));
    const run_result split =
        at.run({"replay", "-", "-o", "split", "--select-by", "app+app.kubernetes.io/instance"}, both);
    BOOST_TEST(!has(split.err, "--select-by can tell them apart"));
    BOOST_TEST(std::filesystem::exists(at / "split/prod/api-one.yaml"));
    BOOST_TEST(std::filesystem::exists(at / "split/prod/api-two.yaml"));
    for (const std::string bad : {"app+", "a b", "app+app"})
        BOOST_TEST(at.run({"replay", "-", "--select-by", bad}, both).exit_code == 2, bad);
    BOOST_TEST(at.run({"replay", "-", "--select-by", "pod-template-hash"}, both).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(subjects_of_two_clusters_are_a_warning_and_cluster_takes_one) {
    const workplace at;
    const auto cluster = [](const std::string& name) { return with_label("k8s:io.cilium.k8s.policy.cluster=" + name); };
    const run_result ran = at.run({"replay", "-"}, cluster("eu") + cluster("us"));
    BOOST_TEST(has(ran.err, R"({"clusters": ["eu", "us"]})"));
    const run_result one = at.run({"replay", "-", "--cluster", "eu"}, cluster("eu") + cluster("us"));
    BOOST_TEST(!has(one.err, "more than one cluster"));
    BOOST_TEST(has(one.err, R"("other_cluster": 1)"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
