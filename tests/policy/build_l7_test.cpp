// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <boost/test/unit_test.hpp>

#include "policy/build.hpp"
#include "policy/merge.hpp"
#include "policy/policy_text.hpp"
#include "support/allowed.hpp"
#include "support/policy_invariants.hpp"

namespace cpg {

namespace {

const selector api = {{"app", "api"}};

peer pods(const std::string& app) {
    return peer::endpoint({{"app", app}});
}

peer names(std::vector<std::string> list) {
    return peer::fqdn(std::move(list));
}

const peer kube_dns = {.kind = peer_kind::endpoint,
                       .labels = {{"io.kubernetes.pod.namespace", "kube-system"}, {"k8s-app", "kube-dns"}},
                       .name = {},
                       .names = {}};

rule_key l4(direction way, peer who, std::uint16_t port, l4_protocol protocol = l4_protocol::tcp) {
    return {.direction = way, .peer = std::move(who), .protocol = protocol, .port = port, .l7 = {}};
}

rule_key http(std::string method, std::string path) {
    rule_key out = l4(direction::ingress, pods("web"), 8080);
    out.l7 = l7_match::http(std::move(method), std::move(path));
    return out;
}

rule_key query(const std::string& name) {
    rule_key out = l4(direction::egress, names({name}), 53, l4_protocol::udp);
    out.l7 = l7_match::dns(name);
    return out;
}

policy build(const std::vector<rule_key>& keys, const std::string& pod_namespace = "prod",
             const name_service& service = {}) {
    return build_policy(pod_namespace, "api", api, keys, service);
}

std::string merged(const std::string& before, const policy& wanted) {
    const merge_result result = merge_policy(before, wanted);
    BOOST_REQUIRE(result.status == merge_status::changed);
    BOOST_TEST(test::joined(test::policy_faults(result.text, test::written_by::others)) == "");
    BOOST_TEST((merge_policy(result.text, wanted).status == merge_status::unchanged));
    return result.text;
}

rule_key on_server(const l7_match& request) {
    rule_key out = l4(direction::egress, kube_dns, 9153);
    out.l7 = request;
    return out;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++found;
    return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(build_l7_suite)

BOOST_AUTO_TEST_CASE(a_port_with_known_requests_is_not_opened_at_l4_beside_them) {
    const policy made = build({http("GET", "^/a$"), l4(direction::ingress, pods("web"), 8080)});
    BOOST_REQUIRE(made.ingress.size() == 1u);
    BOOST_TEST(made.ingress[0].ports.empty());
    BOOST_TEST(made.ingress[0].l7_ports.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_query_gives_the_name_and_the_companion) {
    const std::string text = policy_text(build({query("api.example.com")}));
    BOOST_TEST(test::joined(test::policy_faults(text)) == "");
    BOOST_TEST(count(text, "k8s-app: kube-dns") == 1u);
    BOOST_TEST(count(text, "- toFQDNs:") == 1u);
    BOOST_TEST(count(text, "- matchName: api.example.com") == 3u);
}

BOOST_AUTO_TEST_CASE(plain_dns_drops_without_a_query_make_the_companion_allow_all_names_and_no_plain_port) {
    const policy made =
        build({l4(direction::egress, names({"a.example"}), 443), l4(direction::egress, kube_dns, 53, l4_protocol::udp),
               l4(direction::egress, kube_dns, 53), l4(direction::egress, kube_dns, 9153)});
    const std::string text = policy_text(made);
    BOOST_TEST(test::joined(test::policy_faults(text)) == "");
    BOOST_TEST(count(text, "matchPattern: \"*\"") == 1u);
    BOOST_REQUIRE(made.egress.front().peer == kube_dns);
    BOOST_TEST((made.egress.front().ports == std::set<port>{{.number = 9153, .protocol = l4_protocol::tcp}}));
}

BOOST_AUTO_TEST_CASE(where_queries_were_seen_the_companion_allows_their_names_and_plain_dns_drops_add_nothing) {
    const policy made = build({query("a.example"), l4(direction::egress, kube_dns, 53, l4_protocol::udp)});
    const std::string text = policy_text(made);
    BOOST_TEST(test::joined(test::policy_faults(text)) == "");
    BOOST_TEST(count(text, "matchPattern: \"*\"") == 0u);
    BOOST_TEST(made.egress.front().ports.empty());
}

BOOST_AUTO_TEST_CASE(plain_dns_drops_alone_stay_a_plain_rule) {
    const std::string text = policy_text(build({l4(direction::egress, kube_dns, 53, l4_protocol::udp)}));
    BOOST_TEST(count(text, "rules:") == 0u);
}

BOOST_AUTO_TEST_CASE(names_with_the_same_ports_share_a_rule) {
    const std::string text = policy_text(
        build({l4(direction::egress, names({"a.example"}), 443), l4(direction::egress, names({"b.example"}), 443),
               l4(direction::egress, names({"c.example"}), 8443)}));
    BOOST_TEST(test::joined(test::policy_faults(text)) == "");
    BOOST_TEST(count(text, "- toFQDNs:") == 2u);
    BOOST_TEST(count(text, "- matchName: c.example") == 2u);
}

BOOST_AUTO_TEST_CASE(the_companion_of_a_policy_in_kube_system_names_no_namespace) {
    const std::string text = policy_text(build({query("a.example")}, "kube-system"));
    BOOST_TEST(count(text, "io.kubernetes.pod.namespace") == 0u);
}

BOOST_AUTO_TEST_CASE(more_than_forty_requests_are_split_into_lists_of_forty) {
    std::vector<rule_key> keys;
    for (int i = 0; i < 95; ++i)
        keys.push_back(http("GET", "^/" + std::to_string(i) + "$"));
    const std::string text = policy_text(build(keys));
    BOOST_TEST(test::joined(test::policy_faults(text)) == "");
    BOOST_TEST(count(text, "http:") == 3u);
}

BOOST_AUTO_TEST_CASE(merging_adds_requests_to_the_list_that_is_there) {
    const std::string before = policy_text(build({http("GET", "^/a$")}));
    const std::string after = merged(before, build({http("GET", "^/a$"), http("POST", "^/b$")}));
    BOOST_TEST(count(after, "http:") == 1u);
    BOOST_TEST(count(after, "path: ") == 2u);
    BOOST_TEST(count(after, "# TCP/8080 (HTTP GET ^/a$, HTTP POST ^/b$) from app=web") == 1u);
}

BOOST_AUTO_TEST_CASE(merging_never_narrows_a_port_that_a_person_opened_at_l4) {
    std::string before = policy_text(build({l4(direction::ingress, pods("web"), 8080)}));
    const std::string comment = "# TCP/8080 from app=web";
    before.replace(before.find(comment), comment.size(), "# the web tier");
    const merge_result result = merge_policy(before, build({http("GET", "^/a$")}));
    BOOST_TEST((result.status == merge_status::unchanged));
    BOOST_REQUIRE(result.warnings.size() == 1u);
    BOOST_TEST(result.warnings[0].find("TCP/8080 is open at L4") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_port_that_cpg_opened_at_l4_gets_the_requests_that_were_seen) {
    const policy requests = build({http("GET", "^/a$")});
    const std::string before = policy_text(build({l4(direction::ingress, pods("web"), 8080)}));
    const merge_result result = merge_policy(before, requests);
    BOOST_TEST(result.text == policy_text(requests));
    BOOST_REQUIRE(result.warnings.size() == 1u);
    BOOST_TEST(result.warnings[0].find("TCP/8080 from app=web was open at L4") != std::string::npos);
    // The same in a file in which a person has written elsewhere.
    const std::string touched = merged(before + "# kept\n", requests);
    BOOST_TEST(touched == policy_text(requests) + "# kept\n");
}

BOOST_AUTO_TEST_CASE(an_open_port_of_another_rule_keeps_cpgs_rule_from_being_refined) {
    std::string before = policy_text(build({l4(direction::ingress, pods("web"), 8080)}));
    before +=
        "    - fromEndpoints:\n        - matchLabels:\n            app: web\n      toPorts:\n        - ports:\n"
        "            - port: \"8080\"\n              protocol: ANY\n";
    BOOST_TEST((merge_policy(before, build({http("GET", "^/a$")})).status == merge_status::unchanged));
}

BOOST_AUTO_TEST_CASE(a_plain_port_is_added_beside_hand_written_requests_as_a_port_of_its_own) {
    const std::string before = policy_text(build({http("GET", "^/a$")}));
    const std::string after = merged(before, build({l4(direction::ingress, pods("web"), 9090)}));
    BOOST_TEST(count(after, "- ports:") == 2u);
    BOOST_TEST(count(after, "rules:") == 1u);
}

BOOST_AUTO_TEST_CASE(merging_lets_lists_of_names_grow) {
    const std::string before =
        policy_text(build({query("a.example"), l4(direction::egress, names({"a.example"}), 443)}));
    const std::string after =
        merged(before, build({query("b.example"), l4(direction::egress, names({"b.example"}), 443)}));
    BOOST_TEST(count(after, "- toFQDNs:") == 2u);
    BOOST_TEST(count(after, "- matchName: b.example") == 4u);
    BOOST_TEST(count(after, "# TCP/443 to a.example, b.example") == 1u);
}

BOOST_AUTO_TEST_CASE(a_plain_drop_adds_nothing_where_a_filter_lets_the_packet_through) {
    const std::string dns = policy_text(build({query("a.example")}));
    const policy plain_dns = build({l4(direction::egress, kube_dns, 53, l4_protocol::udp)});
    const std::string requests = policy_text(build({http("GET", "^/a$")}));
    const policy plain = build({l4(direction::ingress, pods("web"), 8080)});
    // What the file had assumed is now told.
    BOOST_TEST(merged(dns, plain_dns) ==
               policy_text(build({query("a.example"), l4(direction::egress, kube_dns, 53, l4_protocol::udp)})));
    BOOST_TEST((merge_policy(dns + "# by hand\n", plain_dns).status == merge_status::unchanged));
    for (const std::string comment : {"", "# by hand\n"}) {
        BOOST_TEST((merge_policy(requests + comment, plain).status == merge_status::unchanged));
    }
}

BOOST_AUTO_TEST_CASE(a_port_beside_dns_rules_for_another_one_is_not_swallowed) {
    const std::string before = policy_text(build({query("a.example")})) + "# by hand\n";
    const std::string after = merged(before, build({l4(direction::egress, kube_dns, 9153)}));
    BOOST_TEST(count(after, "port: \"9153\"") == 1u);
    BOOST_TEST(count(after, "matchPattern: \"*\"") == 0u);
}

BOOST_AUTO_TEST_CASE(a_filter_for_any_protocol_is_not_voided_and_names_are_let_through_over_tcp_and_udp_alone) {
    std::string before = policy_text(build({query("a.example")}));
    const std::string ports =
        "            - port: \"53\"\n              protocol: TCP\n            - port: \"53\"\n"
        "              protocol: UDP\n";
    const std::size_t companion = before.find("k8s-app: kube-dns");
    before.replace(before.find(ports, companion), ports.size(),
                   "            - port: \"53\"\n              protocol: ANY\n");
    BOOST_TEST_REQUIRE(before.find("toFQDNs") > before.find("ANY"));
    const std::string after = merged(before, build({query("b.example"), l4(direction::egress, kube_dns, 53)}));
    BOOST_TEST(count(after, "k8s-app: kube-dns") == 1u);
    BOOST_TEST(count(after, "matchPattern: \"*\"") == 0u);
    // The list for any protocol, one of its own for the new name, and one of the rule for each name.
    BOOST_TEST(count(after, "protocol: ANY\n") == 1u);
    BOOST_TEST(count(after, "            dns:\n") == 4u);
    BOOST_TEST(after.find("b.example") > after.find("protocol: UDP", after.find("protocol: ANY")));
    BOOST_TEST(test::voided_filters(test::allowed_facts(before), test::allowed_facts(after)) == "");
}

BOOST_AUTO_TEST_CASE(a_port_with_requests_beside_dns_rules_keeps_its_filter_and_another_one_is_opened) {
    const std::string before =
        policy_text(build({query("a.example"), on_server(l7_match::http("GET", "^/metrics$"))})) + "# by hand\n";
    BOOST_TEST(
        (merge_policy(before, build({l4(direction::egress, kube_dns, 9153)})).status == merge_status::unchanged));
    const std::string after = merged(before, build({l4(direction::egress, kube_dns, 9154)}));
    BOOST_TEST(count(after, "        - ports:\n            - port: \"9154\"\n              protocol: TCP\n") == 1u);
    BOOST_TEST(count(after, "port: \"9153\"") == 1u);
    BOOST_TEST(test::voided_filters(test::allowed_facts(before), test::allowed_facts(after)) == "");
}

BOOST_AUTO_TEST_CASE(names_have_their_companion_whatever_the_file_opens) {
    const std::string plain = policy_text(
        build({l4(direction::egress, kube_dns, 53, l4_protocol::udp), l4(direction::egress, kube_dns, 53)}));
    const policy wanted = build({l4(direction::egress, names({"a.example"}), 443)});
    for (const std::string comment : {"", "# by hand\n"}) {
        const std::string after = merged(plain + comment, wanted);
        BOOST_TEST(count(after, "dns:") == 1u);
        BOOST_TEST(count(after, "toFQDNs:") == 1u);
    }
}

BOOST_AUTO_TEST_CASE(a_name_that_gets_a_second_port_extends_its_rule) {
    const std::string before = policy_text(build({l4(direction::egress, names({"a.example"}), 443)})) + "# by hand\n";
    const std::string after = merged(before, build({l4(direction::egress, names({"a.example"}), 443),
                                                    l4(direction::egress, names({"a.example"}), 8443)}));
    BOOST_TEST(count(after, "toFQDNs:") == 1u);
    BOOST_TEST(count(after, "# TCP/443, TCP/8443 to a.example") == 1u);
}

BOOST_AUTO_TEST_CASE(addresses_with_the_same_ports_share_a_rule_in_the_order_of_numbers) {
    const auto address = [](const std::string& text) { return peer::cidr(text); };
    const std::string text = policy_text(
        build({l4(direction::egress, address("10.0.0.10/32"), 443), l4(direction::egress, address("10.0.0.2/32"), 443),
               l4(direction::egress, address("10.0.0.3/32"), 80)}));
    BOOST_TEST(test::joined(test::policy_faults(text)) == "");
    BOOST_TEST(count(text, "- toCIDR:\n        - 10.0.0.2/32\n        - 10.0.0.10/32\n") == 1u);
    BOOST_TEST(count(text, "# TCP/443 to 10.0.0.2/32, 10.0.0.10/32\n") == 1u);
    BOOST_TEST(count(text, "toCIDR:") == 2u);
}

BOOST_AUTO_TEST_CASE(a_file_that_allows_every_request_lacks_none) {
    const std::string any_request = policy_text(build({http("GET", "^/a$")}));
    std::string before = any_request;
    const std::string entry = "              - method: GET\n                path: \"^/a$\"\n";
    before.replace(before.find(entry), entry.size(), "              - {}\n");
    BOOST_TEST((merge_policy(before, build({http("PUT", "^/z$")})).status == merge_status::unchanged));
}

BOOST_AUTO_TEST_CASE(hand_written_entries_with_headers_do_not_count_as_allowing) {
    std::string before = policy_text(build({http("GET", "^/a$")}));
    const std::string entry = "                path: \"^/a$\"\n";
    before.replace(before.find(entry), entry.size(),
                   entry + "                headers:\n                  - X-Team a\n");
    const std::string after = merged(before, build({http("GET", "^/a$")}));
    BOOST_TEST(count(after, "method: GET") == 2u);
    BOOST_TEST(count(after, "- X-Team a") == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
