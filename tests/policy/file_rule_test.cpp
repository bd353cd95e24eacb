// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/file_rule.hpp"

#include <boost/test/unit_test.hpp>

#include "policy/document.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

constexpr port tcp(std::uint16_t number) {
    return {.number = number, .protocol = l4_protocol::tcp};
}

constexpr port udp(std::uint16_t number) {
    return {.number = number, .protocol = l4_protocol::udp};
}

tree read(const std::string& yaml) {
    return parse_yaml(yaml).at(0);
}

port_set ports(const std::string& list) {
    const tree read_list = read(list);
    return port_set(&read_list);
}

const l7_match get_a = l7_match::http("GET", "^/a$");
const l7_match name_a = l7_match::dns("a.example");

}  // namespace

BOOST_AUTO_TEST_SUITE(file_rule_suite)

BOOST_AUTO_TEST_CASE(a_port_is_for_its_protocol_and_any_or_none_is_every_protocol) {
    BOOST_TEST(ports("[{port: \"80\", protocol: TCP}]").contains(tcp(80)));
    BOOST_TEST(!ports("[{port: \"80\", protocol: TCP}]").contains(udp(80)));
    BOOST_TEST(!ports("[{port: \"80\", protocol: TCP}]").contains(tcp(81)));
    for (const char* const any : {"[{port: \"53\", protocol: ANY}]", "[{port: \"53\"}]"})
        for (const l4_protocol each : {l4_protocol::tcp, l4_protocol::udp, l4_protocol::sctp})
            BOOST_TEST(ports(any).contains({.number = 53, .protocol = each}), any);
    BOOST_TEST(!ports("[{port: \"80\", protocol: VRRP}]").contains(tcp(80)));
    BOOST_TEST(!ports("[{port: \"80\", protocol: TCP}]").contains({.number = 80, .protocol = l4_protocol::icmpv4}));
}

BOOST_AUTO_TEST_CASE(ranges_have_both_their_ends_and_run_together) {
    const port_set some = ports(
        "[{port: \"10\", endPort: 20, protocol: TCP}, {port: \"21\", protocol: TCP}, {port: \"15\", endPort: 30, "
        "protocol: TCP}, {port: \"65535\", protocol: TCP}, {port: \"9\", endPort: 8, protocol: TCP}]");
    for (const std::uint16_t number : {9, 10, 20, 21, 22, 30, 65535})
        BOOST_TEST(some.contains(tcp(number)), number);
    for (const std::uint16_t number : {8, 31, 65534})
        BOOST_TEST(!some.contains(tcp(number)), number);
    BOOST_TEST(some.listed().size() == 23u);
    BOOST_TEST(some.has_ranges());
}

BOOST_AUTO_TEST_CASE(port_zero_is_every_port_and_is_not_listed) {
    for (const char* const all : {"[{port: \"0\", protocol: TCP}]", "[{port: \"0\", endPort: 65535, protocol: TCP}]"}) {
        BOOST_TEST(ports(all).contains(tcp(1)), all);
        BOOST_TEST(ports(all).contains(tcp(65535)), all);
        BOOST_TEST(!ports(all).contains(udp(1)), all);
        BOOST_TEST(ports(all).listed().empty(), all);
    }
}

// As Cilium's agent reads it, with Go's ParseUint and base 0.
BOOST_AUTO_TEST_CASE(what_begins_with_zero_is_octal_and_names_are_no_numbers) {
    BOOST_TEST(ports("[{port: \"010\", protocol: TCP}]").contains(tcp(8)));
    BOOST_TEST(!ports("[{port: \"010\", protocol: TCP}]").contains(tcp(10)));
    BOOST_TEST(ports("[{port: http, protocol: TCP}]").has_names());
    BOOST_TEST(ports("[{port: \"0x50\", protocol: TCP}]").has_names());
    for (const char* const none : {"70000", "", "-1", "8 0"})
        BOOST_TEST(ports("[{port: \"" + std::string(none) + "\", protocol: TCP}]").listed().empty(), none);
    BOOST_TEST(!port_set(nullptr).contains(tcp(80)));
}

BOOST_AUTO_TEST_CASE(a_number_is_listed_on_its_own_for_whatever_protocol_and_not_by_a_range) {
    BOOST_TEST(ports("[{port: \"53\", protocol: ANY}]").lists_number(53));
    BOOST_TEST(ports("[{port: \"53\", protocol: UDP}]").lists_number(53));
    for (const char* const other : {"[{port: \"50\", endPort: 60}]", "[{port: \"0\"}]", "[{port: dns}]"})
        BOOST_TEST(!ports(other).lists_number(53), other);
}

BOOST_AUTO_TEST_CASE(sets_are_united) {
    port_set all = ports("[{port: \"10\", endPort: 12, protocol: TCP}]");
    all.add(ports("[{port: \"13\", protocol: ANY}, {port: \"1\", endPort: 9, protocol: TCP}, {port: web}]"));
    for (const std::uint16_t number : {1, 9, 10, 13})
        BOOST_TEST(all.contains(tcp(number)), number);
    BOOST_TEST(all.contains(udp(13)));
    BOOST_TEST(!all.contains(udp(12)));
    BOOST_TEST(!all.contains(tcp(14)));
    BOOST_TEST(all.has_names());
}

BOOST_AUTO_TEST_CASE(an_entry_is_plain_or_has_requests_or_names_or_something_that_is_not_known) {
    const std::string on_80 = "ports: [{port: \"80\", protocol: TCP}]";
    const auto kind = [](const std::string& entry) {
        const tree said = read("{" + entry + "}");
        return port_rule(said).what;
    };
    BOOST_TEST((kind(on_80) == port_rule::kind::plain));
    BOOST_TEST((kind(on_80 + ", rules: {http: [{path: /a}]}") == port_rule::kind::http));
    BOOST_TEST((kind(on_80 + ", rules: {dns: [{matchName: a}]}") == port_rule::kind::dns));
    for (const char* const more : {", rules: {http: []}", ", rules: {dns: []}", ", rules: {kafka: []}"})
        BOOST_TEST((kind(on_80 + more) == port_rule::kind::plain), more);
    for (const char* const more :
         {", rules: {}", ", rules: {l7: []}", ", rules: {kafka: [{topic: a}]}", ", rules: {http: [], dns: []}",
          ", serverNames: [a]", ", rules: {http: []}, listener: {}", ", rules: {http: x}"})
        BOOST_TEST((kind(on_80 + more) == port_rule::kind::other), more);
    BOOST_TEST((kind("rules: {http: []}") == port_rule::kind::other));
}

BOOST_AUTO_TEST_CASE(a_rule_opens_what_no_filter_stands_before_and_lets_the_rest_through) {
    const tree said = read(
        "{toEndpoints: [{}], toPorts: [{ports: [{port: \"80\", protocol: TCP}]}, {ports: [{port: \"81\", protocol: "
        "TCP}], rules: {http: [{method: GET, path: ^/a$}]}}, {ports: [{port: \"53\", protocol: UDP}], rules: {dns: "
        "[{matchPattern: \"*\"}]}}, {ports: [{port: \"5353\", protocol: UDP}], rules: {dns: [{matchName: "
        "a.example}]}}, {ports: [{port: \"443\", protocol: TCP}], serverNames: [a]}]}");
    const file_rule rule(said);
    for (const port& open : {tcp(80), udp(53)})
        BOOST_TEST(rule.opens(open));
    for (const port& filtered : {tcp(81), udp(5353), tcp(443)})
        BOOST_TEST((rule.lets_through(filtered) && !rule.opens(filtered)));
    BOOST_TEST(!rule.lets_through(tcp(82)));
    BOOST_TEST((rule.allows(tcp(81), get_a) && !rule.allows(tcp(80), get_a)));
    BOOST_TEST((rule.allows(udp(53), name_a) && rule.allows(udp(5353), name_a) && !rule.allows(tcp(53), name_a)));
    BOOST_TEST(!rule.opens(icmp{.v6 = false, .type = 8}));
}

BOOST_AUTO_TEST_CASE(a_rule_without_ports_and_types_opens_everything) {
    const tree everything = read("{fromEntities: [all]}");
    BOOST_TEST(file_rule(everything).opens(tcp(1)));
    BOOST_TEST(file_rule(everything).opens(icmp{.v6 = true, .type = 128}));
    for (const char* const empty : {"toPorts: []", "icmps: []", "toPorts: [], icmps: []"}) {
        const tree said = read("{fromEntities: [all], " + std::string(empty) + "}");
        BOOST_TEST(file_rule(said).opens(tcp(1)), empty);
    }
    const tree types = read("{fromEntities: [all], icmps: [{fields: [{type: 8}, {family: IPv6, type: 128}]}]}");
    BOOST_TEST(!file_rule(types).opens(tcp(1)));
    BOOST_TEST(file_rule(types).opens(icmp{.v6 = false, .type = 8}));
    BOOST_TEST(!file_rule(types).opens(icmp{.v6 = true, .type = 8}));
}

BOOST_AUTO_TEST_CASE(a_document_says_what_it_is_and_whose) {
    const tree read_document = read(
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: cpg-cart, namespace: shop, labels: "
        "{app.kubernetes.io/managed-by: cpg}}\nspec: {endpointSelector: {matchLabels: {app: cart}}}\nspecs: "
        "[{endpointSelector: {matchLabels: {app: web}}}, {endpointSelector: {matchLabels: {'k8s:app': cart}}}]\n");
    const policy_document document(read_document);
    BOOST_TEST((document.is_cilium() && document.is_managed()));
    BOOST_TEST(document.name() == "cpg-cart");
    BOOST_TEST(document.workload() == "cart");
    BOOST_TEST(document.pod_namespace() == "shop");
    BOOST_TEST(document.specs().size() == 3u);
    policy cart;
    cart.pod_namespace = "shop";
    cart.endpoint_selector = {{"app", "cart"}};
    BOOST_TEST(document.specs_for(cart).size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_document_of_anything_else_is_none_of_cilium) {
    for (const char* const text : {"kind: CiliumNetworkPolicy", "{kind: NetworkPolicy, apiVersion: cilium.io/v2}",
                                   "{kind: CiliumNetworkPolicy, apiVersion: v1, metadata: x}", "[a]", "text"}) {
        const tree other = read(text);
        BOOST_TEST(!policy_document(other).is_cilium(), text);
        BOOST_TEST(policy_document(other).name() == "", text);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
