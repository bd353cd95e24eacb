// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/also_opened.hpp"

#include <boost/test/unit_test.hpp>

#include "base/limits.hpp"
#include "policy/yaml.hpp"
#include "support/evidence_samples.hpp"

namespace cpg {

using namespace test;

namespace {

const known_pod api = {.pod_namespace = "prod", .cluster = "default", .labels = {{"app", "api"}}};
const known_pod batch = {.pod_namespace = "prod", .cluster = "default", .labels = {{"app", "api"}, {"part", "batch"}}};
const known_pod web = {.pod_namespace = "prod", .cluster = "default", .labels = {{"app", "frontend"}, {"part", "web"}}};
const known_pod jobs = {
    .pod_namespace = "prod", .cluster = "default", .labels = {{"app", "frontend"}, {"part", "jobs"}}};
const known_pod web_elsewhere = {.pod_namespace = "dev", .cluster = "default", .labels = web.labels};
const known_pod web_of_other_cluster = {.pod_namespace = "prod", .cluster = "west", .labels = jobs.labels};

evidence_rule seen(rule_key what, std::set<std::string> peers = {"app=frontend,part=web"}) {
    evidence_rule out;
    out.what = std::move(what);
    out.subject_pods = {"app=api"};
    out.peer_pods = std::move(peers);
    return out;
}

std::string policy_with(const std::string& rules) {
    return "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: cpg-api, namespace: prod}\nspec:\n"
           "  endpointSelector: {matchLabels: {app: api}}\n" +
           rules;
}

// What the rule opens beside the evidence, as it is shown.
std::string opened(const std::string& rules, const evidence_rule& rule, const known_pods& pods) {
    evidence_document evidence = empty_evidence();
    evidence.rules[to_string(rule.what)] = rule;
    std::string out;
    for (const auto& [key, all] : also_opened_by(read_yaml(policy_with(rules)), evidence, pods))
        for (const also_opened& each : all)
            out += describe(each, rule.what.direction) + "\n";
    return out;
}

constexpr const char* from_frontend_8080 =
    "  ingress:\n    - fromEndpoints: [{matchLabels: {app: frontend}}]\n"
    "      toPorts: [{ports: [{port: \"8080\", protocol: TCP}]}]\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(also_opened_suite)

BOOST_AUTO_TEST_CASE(pods_that_share_the_labels_and_did_not_ask_are_named_at_both_ends) {
    const known_pods all = {api, batch, web, jobs, web_elsewhere, web_of_other_cluster};
    BOOST_TEST(opened(from_frontend_8080, seen(from_frontend()), all) == ("from pods app=frontend,part=jobs of prod\n"
                                                                          "to pods app=api,part=batch of prod\n"));
}

BOOST_AUTO_TEST_CASE(a_rule_that_is_for_those_who_asked_opens_nothing_more) {
    BOOST_TEST(opened(from_frontend_8080, seen(from_frontend()), {api, web, web_elsewhere}) == "");
    const char* narrow =
        "  ingress:\n    - fromEndpoints: [{matchLabels: {app: frontend, part: web}}]\n"
        "      toPorts: [{ports: [{port: \"8080\", protocol: TCP}]}]\n";
    BOOST_TEST(opened(narrow, seen(from_frontend()), {api, web, jobs}) == "");
}

BOOST_AUTO_TEST_CASE(a_rule_for_another_port_says_nothing_of_this_one) {
    BOOST_TEST(opened(from_frontend_8080, seen(from_frontend(9090)), {api, batch, web, jobs}) == "");
}

BOOST_AUTO_TEST_CASE(a_wider_rule_of_a_person_is_what_counts) {
    const char* wide =
        "  ingress:\n    - fromEndpoints: [{matchLabels: {part: web}}]\n"
        "      toPorts: [{ports: [{port: \"8000\", endPort: 8100, protocol: TCP}]}]\n";
    const known_pod other = {.pod_namespace = "prod", .cluster = "default", .labels = {{"part", "web"}}};
    BOOST_TEST(opened(wide, seen(from_frontend()), {api, web, jobs, other}) == ("from pods part=web of prod\n"
                                                                                "all of TCP/8000-8100\n"));
    const char* all = "  ingress:\n    - fromEntities: [all]\n      toPorts: [{ports: [{port: \"0\"}]}]\n";
    BOOST_TEST(opened(all, seen(from_frontend()), {api, web}).find("from all of entity all\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_prefix_is_more_than_its_address) {
    const evidence_rule rule = seen(to_cidr("203.0.113.7/32"), {});
    const auto to = [](const std::string& prefix) {
        return "  egress:\n    - toCIDR: [" + prefix +
               "]\n      toPorts: [{ports: [{port: \"123\", protocol: UDP}]}]\n";
    };
    BOOST_TEST(opened(to("203.0.113.7/32"), rule, {api}) == "");
    BOOST_TEST(opened(to("203.0.113.0/24"), rule, {api}) == "to all of 203.0.113.0/24\n");
    BOOST_TEST(opened(to("198.51.100.0/24"), rule, {api}) == "");
}

BOOST_AUTO_TEST_CASE(as_many_pods_as_are_kept_may_not_be_all) {
    std::set<std::string> many;
    for (std::size_t i = 0; i + 1 < limits::pods_of_a_rule; ++i)
        many.insert("app=frontend,part=a" + std::to_string(i));
    many.insert("app=frontend,part=web");
    BOOST_TEST(opened(from_frontend_8080, seen(from_frontend(), many), {api, web, jobs}) == "");
    // Of evidence that an older cpg wrote nobody's pods are known.
    evidence_rule old = seen(from_frontend(), {});
    old.subject_pods.clear();
    BOOST_TEST(opened(from_frontend_8080, old, {api, web, jobs}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
