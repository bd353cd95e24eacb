// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/policy_check.hpp"

#include <boost/test/unit_test.hpp>

#include "policy/yaml.hpp"
#include "report/explain_text.hpp"
#include "support/dns_query.hpp"
#include "support/evidence_samples.hpp"

namespace cpg {

using namespace test;

namespace {

// A policy in prod with this list of rules: five lines.
std::string text_of(const std::string& direction, const std::string& rules, const std::string& app = "api") {
    return "kind: CiliumNetworkPolicy\nmetadata: {name: x}\nspec:\n  endpointSelector: {matchLabels: {app: " + app +
           "}}\n  " + direction + ": " + rules + "\n";
}

yaml_file file(const std::string& direction, const std::string& rules) {
    return read_yaml(text_of(direction, rules));
}

evidence_document evidence_of(const rule_key& key) {
    evidence_document out = empty_evidence();
    out.rules[to_string(key)].what = key;
    return out;
}

bool is_there(const rule_key& key, const std::string& rules) {
    return check_policy(file(std::string(to_string(key.direction)), rules), evidence_of(key)).gone.empty();
}

std::size_t unproven(const rule_key& key, const std::string& rules) {
    return check_policy(file(std::string(to_string(key.direction)), rules), evidence_of(key)).unproven.size();
}

rule_key request(const std::string& path) {
    rule_key out = from_frontend();
    out.l7 = l7_match::http("GET", path);
    return out;
}

const std::string frontend = "fromEndpoints: [{matchLabels: {app: frontend}}]";
const std::string on_8080 = "toPorts: [{ports: [{port: \"8080\", protocol: TCP}]}]";

}  // namespace

BOOST_AUTO_TEST_SUITE(policy_check_suite)

BOOST_AUTO_TEST_CASE(without_a_file_nothing_is_said) {
    const policy_check check = check_policy({}, evidence_of(from_frontend()));
    BOOST_TEST(!check.known);
    BOOST_TEST(check.gone.empty());
    BOOST_TEST(check.unproven.empty());
}

BOOST_AUTO_TEST_CASE(a_rule_is_there_also_where_a_person_made_it_wider) {
    for (const std::string& rule :
         {frontend + ", " + on_8080, "fromEndpoints: [{matchLabels: {\"k8s:app\": frontend}}], " + on_8080,
          "fromEndpoints: [{}], " + on_8080, "fromEntities: [cluster], " + on_8080, on_8080, frontend,
          "fromEndpoints: [{matchExpressions: [{key: app, operator: In, values: [web, frontend]}]}], " + on_8080,
          "fromEndpoints: [{matchLabels: {io.kubernetes.pod.namespace: prod}}], " + on_8080,
          frontend + ", toPorts: [{ports: [{port: \"8000\", endPort: 9000, protocol: ANY}]}]",
          frontend + ", toPorts: [{ports: [{port: http}]}]",
          frontend + ", toPorts: [{ports: [{port: \"8080\"}], rules: {http: [{path: /a}]}}]"}) {
        BOOST_TEST(is_there(from_frontend(), "[{" + rule + "}]"), rule);
        BOOST_TEST(unproven(from_frontend(), "[{" + rule + "}]") == 0u, rule);
    }
}

BOOST_AUTO_TEST_CASE(a_rule_for_others_or_for_less_is_not_it) {
    for (const std::string& rule :
         {"fromEndpoints: [{matchLabels: {app: web}}], " + on_8080, "fromEntities: [world], " + on_8080,
          "fromEndpoints: [{matchLabels: {app: frontend, tier: one}}], " + on_8080,
          "fromEndpoints: [{matchLabels: {app: frontend, io.kubernetes.pod.namespace: dev}}], " + on_8080,
          frontend + ", toPorts: [{ports: [{port: \"8081\", protocol: TCP}]}]",
          frontend + ", toPorts: [{ports: [{port: \"8080\", protocol: UDP}]}]"}) {
        BOOST_TEST(!is_there(from_frontend(), "[{" + rule + "}]"), rule);
        BOOST_TEST(unproven(from_frontend(), "[{" + rule + "}]") == 1u, rule);
    }
    BOOST_TEST(!is_there(from_frontend(), "[{}]"));
    BOOST_TEST(unproven(from_frontend(), "[{}]") == 0u);
}

BOOST_AUTO_TEST_CASE(prefixes_contain_addresses_but_not_their_exceptions) {
    const std::string ntp = ", toPorts: [{ports: [{port: \"123\", protocol: UDP}]}]}]";
    const rule_key key = to_cidr("203.0.113.7/32");
    BOOST_TEST(is_there(key, "[{toCIDR: [203.0.113.0/24]" + ntp));
    BOOST_TEST(is_there(key, "[{toCIDRSet: [{cidr: 203.0.0.0/8}]" + ntp));
    BOOST_TEST(is_there(key, "[{toEntities: [world]" + ntp));
    BOOST_TEST(!is_there(key, "[{toCIDRSet: [{cidr: 203.0.0.0/8, except: [203.0.113.0/24]}]" + ntp));
    BOOST_TEST(!is_there(key, "[{toEntities: [cluster]" + ntp));
    BOOST_TEST(unproven(key, "[{toCIDR: [203.0.113.7/32, 203.0.113.8/32]" + ntp) == 1u);
}

BOOST_AUTO_TEST_CASE(requests_are_compared_with_filters) {
    const auto http = [](const std::string& entry) {
        return "[{" + frontend + ", toPorts: [{ports: [{port: \"8080\", protocol: TCP}], rules: {http: [" + entry +
               "]}}]}]";
    };
    BOOST_TEST(is_there(request("^/a$"), http("{method: GET, path: ^/a$}")));
    BOOST_TEST(is_there(request("^/a$"), http("{method: GET, path: /.*}")));
    BOOST_TEST(is_there(request("^/a$"), http("{}")));
    BOOST_TEST(is_there(request("^/a$"), "[{" + frontend + ", " + on_8080 + "}]"));
    BOOST_TEST(!is_there(request("^/a$"), http("{method: POST, path: ^/a$}")));
    BOOST_TEST(!is_there(request("^/a$"), http("{method: GET, path: ^/b$}")));
    BOOST_TEST(unproven(request("^/a$"), http("{method: GET, path: ^/a$}, {method: GET, path: ^/b$}")) == 1u);
}

BOOST_AUTO_TEST_CASE(names_are_compared_with_patterns_and_both_protocols_are_one_rule) {
    const std::string dns =
        ", toPorts: [{ports: [{port: \"53\", protocol: UDP}, {port: \"53\", protocol: TCP}], "
        "rules: {dns: [{matchName: a.example.com}]}}]}]";
    BOOST_TEST(is_there(query("a.example.com"), "[{toFQDNs: [{matchName: a.example.com}]" + dns));
    BOOST_TEST(is_there(query("a.example.com"), "[{toFQDNs: [{matchPattern: \"*.example.com\"}]" + dns));
    BOOST_TEST(!is_there(query("b.example.com"), "[{toFQDNs: [{matchName: a.example.com}]" + dns));
    BOOST_TEST(unproven(query("a.example.com"), "[{toFQDNs: [{matchName: a.example.com}]" + dns) == 0u);
    BOOST_TEST(unproven(query("b.example.com"), "[{toFQDNs: [{matchName: a.example.com}]" + dns) == 1u);
}

BOOST_AUTO_TEST_CASE(specs_of_other_workloads_need_no_evidence) {
    const yaml_file three = read_yaml(text_of("ingress", "[{" + frontend + ", " + on_8080 + "}]") + "---\n" +
                                      text_of("ingress", "[{fromEntities: [all]}]", "other") + "---\n" +
                                      text_of("ingress", "[{fromEntities: [host]}]"));
    const policy_check check = check_policy(three, evidence_of(from_frontend()));
    BOOST_TEST(check.gone.empty());
    BOOST_REQUIRE(check.unproven.size() == 1u);
    BOOST_TEST(!check.unproven[0].key.has_value());
    BOOST_TEST(check.unproven[0].line == 17u);
}

BOOST_AUTO_TEST_CASE(no_text_of_a_file_steers_the_terminal) {
    const policy_check check = check_policy(
        file("ingress", "[{fromEndpoints: [{matchLabels: {app: \"\\e[2J\"}}], " + on_8080 + "}]"), empty_evidence());
    BOOST_REQUIRE(check.unproven.size() == 1u);
    const std::string text = unproven_text(check, {});
    BOOST_TEST(text.find("[2J") != std::string::npos, text);
    for (const char c : text)
        BOOST_TEST((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
