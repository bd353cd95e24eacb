// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <ctime>

#include "report/explain_json.hpp"
#include "report/explain_text.hpp"
#include "report/rule_filter.hpp"
#include "support/evidence_samples.hpp"

namespace cpg {

using namespace test;

namespace {

evidence_document two_rules() {
    evidence_document document = empty_evidence();
    rule_tally frontend = flows(2, afternoon_ns + 131 * second_ns);
    frontend.flow_count = 23;
    add_session(document, session_at(afternoon_ns + 120 * second_ns, "a"),
                {{from_frontend(), frontend}, {to_cidr("203.0.113.7/32"), flows(1, afternoon_ns)}}, {});
    return document;
}

void use_zone(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
}

evidence_rule rule_of(const rule_key& what, std::int64_t last_seen_ns = afternoon_ns) {
    evidence_rule out;
    out.what = what;
    out.last_seen_ns = last_seen_ns;
    return out;
}

rule_key http_rule(std::string pattern) {
    rule_key out = from_frontend();
    out.l7 = l7_match::http("GET", std::move(pattern));
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(evidence_explain_suite)

BOOST_AUTO_TEST_CASE(the_text_is_this) {
    use_zone("UTC");
    BOOST_TEST(explain_text(two_rules(), two_rules(), {}) == R"(Policy: cpg-api (prod)
Latest session: 2026-04-24 14:02 → 14:15 (source: replay)
Times: UTC

Ingress rule
  Peer:        app=frontend (endpoint)
  Port:        8080/TCP
  Flow count:  23
  First seen:  2026-04-24 14:02:11
  Last seen:   2026-04-24 14:02:12

  Sample flows:
    14:02:12  default/frontend → prod/api  TCP/8080
    14:02:11  default/frontend → prod/api  TCP/8080

Egress rule
  Peer:        203.0.113.7/32 (cidr)
  Port:        123/UDP
  Flow count:  1
  First seen:  2026-04-24 14:00:00
  Last seen:   2026-04-24 14:00:00

  Sample flows:
    14:00:00  default/frontend → prod/api  TCP/8080
)");
}

BOOST_AUTO_TEST_CASE(times_are_local_with_one_offset) {
    use_zone("Europe/Berlin");
    evidence_document document = two_rules();
    document.rules.begin()->second.first_seen_ns -= 180 * 86400 * second_ns;
    const std::string text = explain_text(document, document, {});
    use_zone("UTC");
    BOOST_TEST(text.find("Times: CEST (UTC+02:00)\n") != std::string::npos);
    BOOST_TEST(text.find("2026-04-24 16:02 → 16:15") != std::string::npos);
    BOOST_TEST(text.find("First seen:  2025-10-26 16:00:00") != std::string::npos);
    BOOST_TEST(text.find("    2026-04-24 16:00:00  default") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(columns_of_samples_are_aligned_and_ends_without_workload_are_addresses) {
    use_zone("UTC");
    evidence_document document = two_rules();
    auto& samples = document.rules.at("ingress:ep:app=frontend:TCP:8080").samples;
    samples[0].source = {.pod_namespace = {}, .workload = {}, .pod = {}, .ip = "10.0.0.1"};
    samples[1].source = {.pod_namespace = "default", .workload = {}, .pod = "cli", .ip = "10.0.0.1"};
    const std::string text = explain_text(document, document, {});
    BOOST_TEST(text.find("    14:02:12  10.0.0.1    → prod/api  TCP/8080\n"
                         "    14:02:11  default/cli → prod/api  TCP/8080\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(no_text_of_a_flow_steers_the_terminal) {
    use_zone("UTC");
    evidence_document document = two_rules();
    document.workload = document.policy_name = document.pod_namespace = "\x1b[31mx\n";
    document.sessions.back().source.type = "\x1b]0;";
    auto& rule = document.rules.begin()->second;
    rule.what.peer.name = "\x1b[2J";
    rule.samples[0].source.workload = "a\r\x1b[A\xc2\x9b";
    rule.samples[0].protocol = "\x07";
    for (const std::string& text : {explain_text(document, document, {}), rule_list(document),
                                    explain_json(document, 10), explain_yaml(document, 10)})
        for (const char c : text)
            BOOST_REQUIRE((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
}

BOOST_AUTO_TEST_CASE(limits_colour_and_l7_lines) {
    use_zone("UTC");
    evidence_document document = two_rules();
    BOOST_TEST(explain_text(document, document, {.colour = false, .most_samples = 0}).find("Sample") ==
               std::string::npos);
    BOOST_TEST(
        explain_text(document, document, {.colour = true, .most_samples = 0}).find("\x1b[1mIngress rule\x1b[0m") !=
        std::string::npos);
    document.rules.begin()->second.what.l7 = l7_match::dns("api.example.com");
    BOOST_TEST(explain_text(document, document, {}).find("  L7:          DNS api.example.com\n") != std::string::npos);
    document.rules.begin()->second.what.l7 = l7_match::http("GET", "^/api/v1\\.0/users$");
    BOOST_TEST(explain_text(document, document, {}).find("  L7:          HTTP GET /api/v1.0/users\n") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_list_of_rules_is_aligned) {
    BOOST_TEST(rule_list(two_rules()) ==
               "  ingress  app=frontend (endpoint)  8080/TCP\n"
               "  egress   203.0.113.7/32 (cidr)    123/UDP\n");
}

BOOST_AUTO_TEST_CASE(paths_are_found_raw_and_as_patterns) {
    for (const char* pattern : {"^/a\\.b$", "^/a\\.b(\\?.*)?$"}) {
        for (const std::string& wanted : {std::string("/a.b"), std::string(pattern)}) {
            rule_filter filter;
            filter.http_path = wanted;
            BOOST_TEST(filter.matches(rule_of(http_rule(pattern))));
        }
        rule_filter other;
        other.http_path = "/a";
        BOOST_TEST(!other.matches(rule_of(http_rule(pattern))));
    }
}

BOOST_AUTO_TEST_CASE(a_path_is_found_by_the_pattern_that_allows_it) {
    rule_filter filter;
    filter.http_path = "/users/7";
    BOOST_TEST(filter.matches(rule_of(http_rule("^/users/[0-9]+$"))));
    BOOST_TEST(!filter.matches(rule_of(http_rule("^/users/[0-9]+/orders$"))));
    BOOST_TEST(!filter.matches(rule_of(http_rule("^/users/(7$"))));
}

BOOST_AUTO_TEST_CASE(each_part_of_a_filter_leaves_out_others) {
    const evidence_rule frontend = rule_of(from_frontend());
    rule_filter filter;
    BOOST_TEST(filter.matches(frontend));
    filter.direction = direction::ingress;
    filter.port = 8080;
    filter.peer_label = {"k8s:app", "frontend"};
    filter.since_ns = afternoon_ns;
    BOOST_TEST(filter.matches(frontend));
    BOOST_TEST(!filter.matches(rule_of(from_frontend(8081))));
    BOOST_TEST(!filter.matches(rule_of(from_frontend(), afternoon_ns - 1)));
    BOOST_TEST(!filter.matches(rule_of(to_cidr("10.0.0.1/32"))));
    filter.http_method = "get";
    BOOST_TEST(!filter.matches(frontend));
    BOOST_TEST(filter.matches(rule_of(http_rule("^/$"))));
    filter.dns_name = "a.example.com";
    BOOST_TEST(!filter.matches(rule_of(http_rule("^/$"))));
}

BOOST_AUTO_TEST_CASE(an_icmp_type_is_no_port) {
    rule_key ping = from_frontend(8);
    ping.protocol = l4_protocol::icmpv4;
    rule_filter filter;
    filter.port = 8;
    BOOST_TEST(!filter.matches(rule_of(ping)));
}

BOOST_AUTO_TEST_CASE(a_cidr_contains_smaller_ones_of_its_family) {
    const auto in = [](const char* outer, const char* inner) {
        rule_filter filter;
        filter.peer_cidr = parse_cidr(outer).value();
        return filter.matches(rule_of(to_cidr(inner)));
    };
    BOOST_TEST(in("10.0.0.0/8", "10.255.0.1/32"));
    BOOST_TEST(in("10.1.2.3/8", "10.255.0.1/32"));
    BOOST_TEST(in("10.0.0.1", "10.0.0.1/32"));
    BOOST_TEST(in("0.0.0.0/0", "203.0.113.7/32"));
    BOOST_TEST(in("2001:db8::/32", "2001:db8:1::1/128"));
    BOOST_TEST(!in("10.0.0.0/9", "10.255.0.1/32"));
    BOOST_TEST(!in("10.0.0.1/32", "10.0.0.0/8"));
    BOOST_TEST(!in("::/0", "10.0.0.1/32"));
    for (const char* wrong : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "x/8", "::/129", "10.0.0/8"})
        BOOST_TEST(!parse_cidr(wrong).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
