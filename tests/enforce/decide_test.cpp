// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Verdicts, a construct each; the differential test with Cilium's engine is tests/oracle.

#include <boost/test/unit_test.hpp>

#include "enforce/asking.hpp"

namespace cpg {

using test::ask;
using test::egress;
using test::entity;
using test::ingress;
using test::pod;
using test::policy_of;
using test::question;
using test::verdict;
using test::world;

namespace {

const auto db = pod("shop", {"k8s:app=db"});
const auto web = pod("shop", {"k8s:app=web", "k8s:tier=front"});
const auto other = pod("data", {"k8s:app=web"});
const auto far = pod("shop", {"k8s:app=web"}, "west");
const question from_web = {.subject = db, .peer = web};
const question from_other = {.subject = db, .peer = other};

question to_address(const std::string& address, std::vector<std::string> names = {}, std::uint16_t port = 443) {
    return {.subject = db,
            .peer = world(),
            .direction = direction::egress,
            .port = port,
            .address = address,
            .names = std::move(names)};
}

question request(const std::string& method, const std::string& target) {
    return {.subject = db,
            .peer = web,
            .request = {.kind = l7_kind::http, .method = method, .target = target, .host = "db"}};
}

question lookup(const std::string& name) {
    return {.subject = db,
            .peer = web,
            .direction = direction::egress,
            .protocol = l4_protocol::udp,
            .port = 53,
            .request = {.kind = l7_kind::dns, .method = {}, .target = name, .host = {}}};
}

const std::string dns =
    "{toEndpoints: [{matchLabels: {app: web}}], toPorts: [{ports: [{port: \"53\"}], rules: {dns: [{matchPattern: "
    "\"*.example.com\"}]}}]}";

}  // namespace

BOOST_AUTO_TEST_SUITE(decide)

BOOST_AUTO_TEST_CASE(without_a_policy_nothing_is_denied_but_what_is_assumed) {
    BOOST_TEST(verdict("", from_web) == "allowed");
    question assumed = from_web;
    assumed.default_deny = true;
    BOOST_TEST(verdict("", assumed) == "denied");
}

BOOST_AUTO_TEST_CASE(labels_select_by_every_source_and_in_the_own_namespace_and_cluster) {
    for (const char* const key : {"app", "k8s:app", "any:app"}) {
        const std::string policy = ingress("{fromEndpoints: [{matchLabels: {\"" + std::string(key) + "\": web}}]}");
        BOOST_TEST(verdict(policy, from_web) == "allowed");
        BOOST_TEST(verdict(policy, from_other) == "denied");
        BOOST_TEST(verdict(policy, {.subject = db, .peer = far}) == "denied");
    }
    BOOST_TEST(verdict(ingress("{fromEndpoints: [{matchLabels: {\"container:app\": web}}]}"), from_web) == "denied");
    BOOST_TEST(verdict(ingress("{fromEndpoints: [{matchLabels: {\"k8s:io.kubernetes.pod.namespace\": data}}]}"),
                       from_other) == "allowed");
    BOOST_TEST(verdict(ingress("{fromEndpoints: [{matchLabels: {app: web, io.cilium.k8s.policy.cluster: west}}]}"),
                       {.subject = db, .peer = far}) == "allowed");
    // The corruption that a dot for a colon makes.
    BOOST_TEST(verdict(ingress("{fromEndpoints: [{matchLabels: {\"app:kubernetes.io/name\": web}}]}"), from_web) ==
               "denied");
}

BOOST_AUTO_TEST_CASE(expressions) {
    const auto with = [](const std::string& expression) {
        return ingress("{fromEndpoints: [{matchExpressions: [" + expression + "]}]}");
    };
    BOOST_TEST(verdict(with("{key: app, operator: In, values: [api, web]}"), from_web) == "allowed");
    BOOST_TEST(verdict(with("{key: app, operator: NotIn, values: [api, web]}"), from_web) == "denied");
    BOOST_TEST(verdict(with("{key: absent, operator: NotIn, values: [x]}"), from_web) == "allowed");
    BOOST_TEST(verdict(with("{key: tier, operator: Exists}"), from_web) == "allowed");
    BOOST_TEST(verdict(with("{key: tier, operator: DoesNotExist}"), from_web) == "denied");
}

BOOST_AUTO_TEST_CASE(entities_and_addresses) {
    const auto host = entity("host", reserved_identity::host);
    BOOST_TEST(verdict(ingress("{fromEntities: [cluster]}"), {.subject = db, .peer = host}) == "allowed");
    BOOST_TEST(verdict(ingress("{fromEntities: [cluster]}"), {.subject = db, .peer = far}) == "denied");
    BOOST_TEST(verdict(ingress("{fromEntities: [world]}"), {.subject = db, .peer = host}) == "unknown local_host");
    BOOST_TEST(verdict(egress("{toEntities: [world]}"), to_address("203.0.113.7")) == "allowed");
    const std::string set = egress("{toCIDRSet: [{cidr: 203.0.113.0/24, except: [203.0.113.8/29]}]}");
    BOOST_TEST(verdict(set, to_address("203.0.113.7")) == "allowed");
    BOOST_TEST(verdict(set, to_address("203.0.113.9")) == "denied");
    // Prefixes select neither pods nor nodes.
    BOOST_TEST(verdict(ingress("{fromCIDR: [0.0.0.0/0]}"), from_web) == "denied");
    BOOST_TEST(verdict(egress("{toCIDRSet: [{cidrGroupRef: partners}]}"), to_address("203.0.113.9")) ==
               "unknown cidr_group");
}

BOOST_AUTO_TEST_CASE(an_empty_list_is_nobody_and_a_missing_one_everybody_with_ports) {
    BOOST_TEST(verdict(ingress("{fromEndpoints: [], toPorts: [{ports: [{port: \"80\"}]}]}"), from_web) == "denied");
    BOOST_TEST(verdict(ingress("{toPorts: [{ports: [{port: \"80\"}]}]}"), from_web) == "allowed");
    BOOST_TEST(verdict(ingress("{}"), from_web) == "denied");
    BOOST_TEST(verdict(ingress("{fromEndpoints: [{}], toPorts: [{}]}"), from_web) == "denied");
    BOOST_TEST(verdict(ingress("{fromEndpoints: [{}], toPorts: []}"), from_web) == "allowed");
}

BOOST_AUTO_TEST_CASE(ports) {
    const auto with = [](const std::string& port) {
        return ingress("{fromEndpoints: [{}], toPorts: [{ports: [" + port + "]}]}");
    };
    const auto on = [](std::uint16_t port, l4_protocol protocol = l4_protocol::tcp) {
        return question{.subject = db, .peer = web, .protocol = protocol, .port = port};
    };
    BOOST_TEST(verdict(with("{port: \"79\", endPort: 81}"), on(81)) == "allowed");
    BOOST_TEST(verdict(with("{port: \"79\", endPort: 81}"), on(82)) == "denied");
    BOOST_TEST(verdict(with("{port: \"0\", protocol: TCP}"), on(9)) == "allowed");
    BOOST_TEST(verdict(with("{port: \"0\", protocol: TCP}"), on(9, l4_protocol::udp)) == "denied");
    BOOST_TEST(verdict(with("{port: \"80\", protocol: ANY}"), on(80, l4_protocol::sctp)) == "allowed");
    BOOST_TEST(verdict(with("{port: \"80\"}"), on(8, l4_protocol::icmpv4)) == "denied");
    BOOST_TEST(verdict(with("{port: http}"), on(80)) == "unknown named_port");
    BOOST_TEST(verdict(with("{port: http, protocol: UDP}"), on(80)) == "denied");
    // Go reads a leading zero as octal.
    BOOST_TEST(verdict(with("{port: \"0120\"}"), on(80)) == "allowed");
}

BOOST_AUTO_TEST_CASE(icmp_by_number_and_name_and_type_0_is_every_type) {
    const auto with = [](const std::string& field) {
        return ingress("{fromEndpoints: [{}], icmps: [{fields: [" + field + "]}]}");
    };
    const auto on = [](std::uint16_t type, l4_protocol protocol) {
        return question{.subject = db, .peer = web, .protocol = protocol, .port = type};
    };
    BOOST_TEST(verdict(with("{type: 8}"), on(8, l4_protocol::icmpv4)) == "allowed");
    BOOST_TEST(verdict(with("{type: EchoRequest}"), on(8, l4_protocol::icmpv4)) == "allowed");
    BOOST_TEST(verdict(with("{family: IPv6, type: EchoRequest}"), on(128, l4_protocol::icmpv6)) == "allowed");
    BOOST_TEST(verdict(with("{type: 13}"), on(8, l4_protocol::icmpv4)) == "denied");
    BOOST_TEST(verdict(with("{type: 0}"), on(8, l4_protocol::icmpv4)) == "allowed");
}

BOOST_AUTO_TEST_CASE(deny_rules_win) {
    const std::string both = policy_of(
        "  endpointSelector: {}\n  ingress: [{fromEndpoints: [{}]}]\n"
        "  ingressDeny: [{fromEndpoints: [{matchLabels: {tier: front}}], toPorts: [{ports: [{port: \"80\"}]}]}]\n");
    BOOST_TEST(verdict(both, from_web) == "denied");
    BOOST_TEST((ask(both, from_web).by == decided_by::deny_rule));
    BOOST_TEST(verdict(both, {.subject = db, .peer = web, .port = 81}) == "allowed");
}

BOOST_AUTO_TEST_CASE(default_deny_by_direction) {
    const std::string only_allows = policy_of(
        "  endpointSelector: {}\n  enableDefaultDeny: {ingress: false}\n  ingress: [{fromEndpoints: [{matchLabels: "
        "{app: x}}]}]\n");
    BOOST_TEST(verdict(only_allows, from_web) == "allowed");
    question denied = from_web;
    denied.default_deny = true;
    BOOST_TEST(verdict(only_allows, denied) == "denied");
    // Rules for ingress leave egress open.
    BOOST_TEST(verdict(ingress("{}"), {.subject = db, .peer = web, .direction = direction::egress}) == "allowed");
    // What there is no rule for can't be denied by default.
    BOOST_TEST(verdict(policy_of("  endpointSelector: {}\n  enableDefaultDeny: {egress: true}\n  ingress: [{}]\n"),
                       {.subject = db, .peer = web, .direction = direction::egress}) == "allowed");
}

BOOST_AUTO_TEST_CASE(requests_over_http) {
    const std::string filtered = ingress(
        "{fromEndpoints: [{}], toPorts: [{ports: [{port: \"80\", protocol: TCP}], rules: {http: [{method: GET, path: "
        "/v1/.*}]}}]}");
    BOOST_TEST(verdict(filtered, from_web) == "allowed");
    BOOST_TEST(ask(filtered, from_web).filtered);
    BOOST_TEST(verdict(filtered, request("GET", "/v1/items?limit=5")) == "allowed");
    BOOST_TEST(verdict(filtered, request("GET", "/v2")) == "denied");
    // The whole text, and as it was sent.
    BOOST_TEST(verdict(filtered, request("get", "/v1/items")) == "denied");
    BOOST_TEST(verdict(filtered, request("GET", "/a/v1/items")) == "denied");
    const std::string headers = ingress(
        "{fromEndpoints: [{}], toPorts: [{ports: [{port: \"80\", protocol: TCP}], rules: {http: [{path: /v1, headers: "
        "[\"X-Token 1\"]}]}}]}");
    BOOST_TEST(verdict(headers, request("GET", "/v1")) == "unknown headers");
    BOOST_TEST(verdict(headers, request("GET", "/v2")) == "denied");
}

BOOST_AUTO_TEST_CASE(a_plain_port_voids_a_filter_and_so_does_no_default_deny) {
    const std::string filter =
        "{fromEndpoints: [{}], toPorts: [{ports: [{port: \"80\", protocol: TCP}], rules: {http: [{path: /v1}]}}]}";
    BOOST_TEST(verdict(ingress(filter + ", {fromEntities: [all], toPorts: [{ports: [{port: \"79\", endPort: 90}]}]}"),
                       request("GET", "/v2")) == "allowed");
    BOOST_TEST(verdict(policy_of("  endpointSelector: {}\n  enableDefaultDeny: {ingress: false}\n  ingress: [" +
                                 filter + "]\n"),
                       request("GET", "/v2")) == "allowed");
}

BOOST_AUTO_TEST_CASE(lookups) {
    BOOST_TEST(verdict(egress(dns), lookup("api.example.com")) == "allowed");
    BOOST_TEST(verdict(egress(dns), lookup("a.b.example.com")) == "denied");
    BOOST_TEST(verdict(egress(dns), lookup("example.com")) == "denied");
}

BOOST_AUTO_TEST_CASE(names_need_to_be_known_and_taught) {
    const std::string to_name = "{toFQDNs: [{matchName: api.example.com}], toPorts: [{ports: [{port: \"443\"}]}]}";
    BOOST_TEST(verdict(egress(to_name + ", " + dns), to_address("203.0.113.7", {"api.example.com"})) == "allowed");
    BOOST_TEST(verdict(egress(to_name + ", " + dns), to_address("203.0.113.7", {"pay.example.com"})) == "denied");
    BOOST_TEST(verdict(egress(to_name + ", " + dns), to_address("203.0.113.7")) == "unknown names");
    // No rule has the DNS proxy look at the answers.
    BOOST_TEST(verdict(egress(to_name), to_address("203.0.113.7", {"api.example.com"})) == "denied");
}

BOOST_AUTO_TEST_CASE(what_no_policy_can_decide_is_unknown) {
    BOOST_TEST(verdict(egress("{toServices: [{k8sService: {serviceName: pay}}]}"),
                       {.subject = db, .peer = web, .direction = direction::egress}) == "unknown to_services");
    BOOST_TEST(verdict(ingress("{fromEndpoints: [{}], authentication: {mode: required}}"), from_web) ==
               "unknown authentication");
    BOOST_TEST(verdict(ingress("{fromEndpoints: [{}], authentication: {mode: disabled}}"), from_web) == "allowed");
    BOOST_TEST(verdict(ingress("{fromNodes: [{}]}"), from_web) == "unknown nodes");
    BOOST_TEST(verdict(ingress("{}"), {.subject = entity("health", reserved_identity::health), .peer = web}) ==
               "unknown no_pod");
    // Deciding all the same, where it does not depend on it.
    BOOST_TEST(verdict(egress("{toServices: [{k8sService: {serviceName: pay}}]}, {toEndpoints: [{}]}"),
                       {.subject = db, .peer = web, .direction = direction::egress}) == "allowed");
}

BOOST_AUTO_TEST_CASE(rules_that_cilium_can_not_unite) {
    const std::string http =
        "{toEndpoints: [{}], toPorts: [{ports: [{port: \"53\", protocol: TCP}], rules: {http: [{}]}}]}";
    const std::string names =
        "{toEndpoints: [{}], toPorts: [{ports: [{port: \"53\", protocol: TCP}], rules: {dns: [{matchPattern: "
        "\"*\"}]}}]}";
    BOOST_TEST(verdict(egress(http + ", " + names), from_web) == "unknown contradiction");
    // A request over a protocol that the port's proxy does not speak.
    question over_dns = request("GET", "/");
    over_dns.direction = direction::egress;
    over_dns.port = 53;
    BOOST_TEST(verdict(egress(names + ", {toEntities: [all]}"), over_dns) == "unknown l7_protocol");
}

BOOST_AUTO_TEST_CASE(a_refused_policy_is_not_in_force) {
    const std::string refused = ingress("{fromEndpoints: [{}], toPorts: [{ports: [{port: 80}]}]}");
    BOOST_TEST(verdict(refused, from_web) == "allowed");
    BOOST_TEST(verdict(refused + "---\n" + ingress("{}"), from_web) == "denied");
}

// Which of the two values the agent keeps is chance.
BOOST_AUTO_TEST_CASE(a_label_asked_for_twice_is_unclear) {
    const std::string twice =
        policy_of("  endpointSelector: {matchLabels: {app: db, \"any:app\": x}}\n  ingress: [{}]\n");
    BOOST_TEST(verdict(twice, from_web) == "unknown unclear_file");
}

BOOST_AUTO_TEST_CASE(clusterwide_policies_mean_every_pod) {
    const std::string wide =
        policy_of("  endpointSelector: {matchLabels: {app: db}}\n  ingress: [{fromEndpoints: [{}]}]\n",
                  "CiliumClusterwideNetworkPolicy");
    BOOST_TEST(verdict(wide, from_other) == "allowed");
    BOOST_TEST(verdict(wide, {.subject = db, .peer = world(), .address = "203.0.113.7"}) == "denied");
    // Parsers of the proxy are let through on nodes, HTTP is not.
    const std::string node =
        "apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: p}\nspecs:\n"
        "- endpointSelector: {}\n  ingress: [{}]\n"
        "- nodeSelector: {}\n  egress: [{toEntities: [all], toPorts: [{ports: [{port: \"80\", protocol: TCP}], rules: "
        "RULES}]}]\n";
    const auto with = [&](const std::string& rules) { return std::string(node).replace(node.find("RULES"), 5, rules); };
    BOOST_TEST(verdict(with("{l7proto: r2d2, l7: [{cmd: READ}]}"), from_web) == "denied");
    BOOST_TEST(verdict(with("{http: [{}]}"), from_web) == "allowed");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
