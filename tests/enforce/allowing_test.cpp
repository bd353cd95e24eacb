// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/allowing.hpp"

#include <boost/test/unit_test.hpp>

#include "enforce/read_policies.hpp"
#include "policy/policy_text.hpp"

namespace cpg {

namespace {

const port http = {.number = 8080, .protocol = l4_protocol::tcp};
const port dns = {.number = 53, .protocol = l4_protocol::udp};

policy policy_with(rule wanted, direction direction = direction::ingress) {
    policy out;
    out.pod_namespace = "shop";
    out.workload = "cart";
    out.endpoint_selector = {{"app", "cart"}};
    (direction == direction::ingress ? out.ingress : out.egress).push_back(std::move(wanted));
    return out;
}

rule from(selector labels, std::set<port> ports = {http}) {
    return {.peer = peer::endpoint(std::move(labels)), .ports = std::move(ports)};
}

rule of(peer_kind kind, const std::string& name, std::set<port> ports = {http}) {
    const bool is_name = kind == peer_kind::fqdn;
    return {.peer = {.kind = kind,
                     .labels = {},
                     .name = is_name ? "" : name,
                     .names = is_name ? std::vector{name} : std::vector<std::string>()},
            .ports = std::move(ports)};
}

std::string file(const std::string& spec) {
    return "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a, namespace: shop}\nspec:\n" + spec;
}

bool allow(const std::string& text, const policy& wanted) {
    return allow_all(read_policies({.file = "a.yaml", .namespace_of_folder = {}, .text = text}), wanted);
}

// A spec for the workload with these rules, in which cpg would not write them.
bool allows(const std::string& rules, const policy& wanted) {
    return allow(file("  endpointSelector: {matchLabels: {app: cart}}\n" + rules), wanted);
}

std::string ingress(const std::string& peer, const std::string& ports = "{port: \"8080\", protocol: TCP}") {
    return "  ingress: [{" + peer + ", toPorts: [{ports: [" + ports + "]}]}]\n";
}

std::string endpoints(const std::string& selector) {
    return "fromEndpoints: [{" + selector + "}]";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(allowing)

BOOST_AUTO_TEST_CASE(a_policy_allows_itself_and_less_but_not_more) {
    const policy small = policy_with(from({{"app", "web"}}));
    policy large = policy_with(from({{"app", "web"}}, {http, dns}));
    large.egress = {of(peer_kind::cidr, "203.0.113.7/32"), of(peer_kind::entity, "host")};
    large.egress.push_back({.peer = from({{"k8s-app", "kube-dns"}}).peer,
                            .ports = {},
                            .l7_ports = {{.ports = {dns}, .matches = {{l7_kind::dns, "", "api.example.com"}}}}});
    large.egress.push_back(of(peer_kind::fqdn, "api.example.com"));
    BOOST_TEST(allow(policy_text(small), small));
    BOOST_TEST(allow(policy_text(large), large));
    BOOST_TEST(allow(policy_text(large), small));
    BOOST_TEST(!allow(policy_text(small), large));
}

BOOST_AUTO_TEST_CASE(a_policy_for_other_pods_allows_nothing) {
    const policy wanted = policy_with(from({{"app", "web"}}));
    policy other = wanted;
    other.endpoint_selector = {{"app", "basket"}};
    BOOST_TEST(!allow(policy_text(other), wanted));
    other = wanted;
    other.pod_namespace = "elsewhere";
    BOOST_TEST(!allow(policy_text(other), wanted));
    // Fewer labels select more pods; a label that not every pod is known to have leaves some out.
    BOOST_TEST(allow(file("  endpointSelector: {}\n" + ingress(endpoints("matchLabels: {app: web}"))), wanted));
    const std::string narrow = file("  endpointSelector: {matchLabels: {app: cart, tier: a}}\n" +
                                    ingress(endpoints("matchLabels: {app: web}")));
    BOOST_TEST(!allow(narrow, wanted));
    policy known = wanted;
    known.common_labels = {{"app", "cart"}, {"tier", "a"}};
    BOOST_TEST(allow(narrow, known));
}

BOOST_AUTO_TEST_CASE(only_what_is_certain_of_all_pods_counts) {
    const policy wanted = policy_with(from({{"app", "web"}}));
    BOOST_TEST(allows(ingress(endpoints("")), wanted));
    BOOST_TEST(allows(ingress(endpoints("matchExpressions: [{key: app, operator: In, values: [web, api]}]")), wanted));
    BOOST_TEST(allows(ingress(endpoints("matchExpressions: [{key: app, operator: NotIn, values: [api]}]")), wanted));
    BOOST_TEST(!allows(ingress(endpoints("matchExpressions: [{key: tier, operator: NotIn, values: [a]}]")), wanted));
    BOOST_TEST(!allows(ingress(endpoints("matchExpressions: [{key: tier, operator: DoesNotExist}]")), wanted));
    BOOST_TEST(!allows(ingress(endpoints("matchLabels: {app: web, tier: a}")), wanted));
    BOOST_TEST(allows(ingress("fromEntities: [cluster]"), wanted));
    BOOST_TEST(!allows(ingress("fromEntities: [world]"), wanted));
    const policy elsewhere = policy_with(from({{"app", "web"}, {"k8s:io.kubernetes.pod.namespace", "jobs"}}));
    BOOST_TEST(!allows(ingress(endpoints("matchLabels: {app: web}")), elsewhere));
    BOOST_TEST(
        allows(ingress(endpoints("matchLabels: {app: web, \"k8s:io.kubernetes.pod.namespace\": jobs}")), elsewhere));
}

BOOST_AUTO_TEST_CASE(ports_count_by_range_protocol_and_filter) {
    const policy wanted = policy_with(from({{"app", "web"}}));
    const auto at = [&](const std::string& ports) { return allows(ingress(endpoints(""), ports), wanted); };
    BOOST_TEST(at("{port: \"8000\", endPort: 8100, protocol: TCP}"));
    BOOST_TEST(at("{port: \"8080\"}"));
    BOOST_TEST(at("{port: \"0\", protocol: ANY}"));
    BOOST_TEST(!at("{port: \"8080\", protocol: UDP}"));
    BOOST_TEST(!at("{port: http, protocol: TCP}"));
    BOOST_TEST(allows("  ingress: [{fromEndpoints: [{}]}]\n", wanted));
    rule request = from({{"app", "web"}}, {});
    request.l7_ports = {{.ports = {http}, .matches = {{l7_kind::http, "GET", "^/a$"}}}};
    const std::string filter =
        "  ingress: [{fromEndpoints: [{}], toPorts: [{ports: [{port: \"8080\", protocol: TCP}], "
        "rules: {http: [{method: GET, path: ^/a$}]}}]}]\n";
    BOOST_TEST(allows(filter, policy_with(request)));
    BOOST_TEST(allows(ingress(endpoints("")), policy_with(request)));
    request.l7_ports[0].matches = {{l7_kind::http, "POST", "^/a$"}};
    BOOST_TEST(!allows(filter, policy_with(request)));
    // Names are learned through a filter for DNS alone.
    rule query = from({{"app", "web"}}, {});
    query.l7_ports = {{.ports = {http}, .matches = {{l7_kind::dns, "", "api.example.com"}}}};
    BOOST_TEST(!allows(ingress(endpoints("")), policy_with(query)));
}

BOOST_AUTO_TEST_CASE(a_prefix_counts_when_it_holds_all_of_the_other_and_a_name_when_it_is_named) {
    const auto to = [](const std::string& peer, const policy& wanted) {
        return allows("  egress: [{" + peer + ", toPorts: [{ports: [{port: \"8080\", protocol: TCP}]}]}]\n", wanted);
    };
    const policy address = policy_with(of(peer_kind::cidr, "203.0.113.7/32"), direction::egress);
    BOOST_TEST(to("toCIDR: [203.0.113.0/24]", address));
    BOOST_TEST(to("toEntities: [world]", address));
    BOOST_TEST(to("toCIDRSet: [{cidr: 203.0.113.0/24, except: [203.0.113.128/25]}]", address));
    BOOST_TEST(!to("toCIDRSet: [{cidr: 203.0.113.0/24, except: [203.0.113.0/28]}]", address));
    const policy prefix = policy_with(of(peer_kind::cidr, "203.0.113.0/24"), direction::egress);
    BOOST_TEST(!to("toCIDR: [203.0.113.7/32]", prefix));
    BOOST_TEST(!to("toCIDRSet: [{cidr: 203.0.0.0/16, except: [203.0.113.9/32]}]", prefix));
    const policy name = policy_with(of(peer_kind::fqdn, "api.example.com"), direction::egress);
    BOOST_TEST(to("toFQDNs: [{matchPattern: \"*.example.com\"}]", name));
    BOOST_TEST(!to("toFQDNs: [{matchName: www.example.com}]", name));
    BOOST_TEST(!to("toEntities: [world]", name));
}

BOOST_AUTO_TEST_CASE(a_deny_rule_that_may_be_for_the_pods_counts_against_all) {
    const policy wanted = policy_with(from({{"app", "web"}}));
    const std::string denies = "  ingressDeny: [{fromEndpoints: [{}]}]\n";
    BOOST_TEST(!allows(ingress(endpoints("")) + denies, wanted));
    const std::string refused =
        "  endpointSelector: {}\n  ingress: [{fromEndpoints: [{}], toPorts: [{ports: [{port: 1}]}]}]\n";
    BOOST_TEST(!allow(file(refused), wanted));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
