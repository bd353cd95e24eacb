// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Who is asked for names, which names are the cluster's, and which names addresses have.

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "policy/build.hpp"
#include "policy/merge.hpp"
#include "policy/policy_text.hpp"
#include "policy/written_keys.hpp"
#include "support/dns_query.hpp"
#include "support/policy_invariants.hpp"

namespace cpg {

using test::query;

namespace {

peer pods(selector labels) {
    return peer::endpoint(std::move(labels));
}

const peer openshift =
    pods({{"dns.operator.openshift.io/daemonset-dns", "default"}, {std::string(namespace_label), "openshift-dns"}});
const peer kube_dns = pods({{std::string(namespace_label), "kube-system"}, {"k8s-app", "kube-dns"}});
const peer host = peer::entity("host");

peer addr(const std::string& cidr) {
    return peer::cidr(cidr);
}

rule_key to(peer who, std::uint16_t port, l4_protocol protocol = l4_protocol::tcp) {
    return {.direction = direction::egress, .peer = std::move(who), .protocol = protocol, .port = port, .l7 = {}};
}

policy build(const std::vector<rule_key>& keys, const name_service& names = {}) {
    return build_policy("shop", "cart", {{"app", "cart"}}, keys, names);
}

name_service asked(std::set<dns_server> servers, told_by by = told_by::workload) {
    return {.servers = std::move(servers), .by = by};
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// Text of the policy, checked.
std::string text_of(const policy& made) {
    const std::string text = policy_text(made);
    BOOST_TEST(test::joined(test::policy_faults(text)) == "");
    BOOST_TEST((merge_policy(text, made).status == merge_status::unchanged), text);
    return text;
}

std::string merged(const std::string& before, const policy& wanted) {
    const merge_result result = merge_policy(before, wanted);
    BOOST_REQUIRE(result.problem.empty());
    return result.status == merge_status::unchanged ? before : result.text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(names_suite)

BOOST_AUTO_TEST_CASE(the_companion_goes_to_the_server_and_port_that_were_asked) {
    const std::string text = text_of(build({query("a.example")}, asked({{openshift, 5353}})));
    BOOST_TEST(has(text, "dns.operator.openshift.io/daemonset-dns: default"));
    BOOST_TEST(has(text, "port: \"5353\"\n              protocol: TCP"));
    BOOST_TEST(has(text, "port: \"5353\"\n              protocol: UDP"));
    BOOST_TEST(!has(text, "kube-dns"));
    const std::string at_host = text_of(build({query("a.example")}, asked({{host, 53}})));
    BOOST_TEST(has(at_host, "- toEntities:\n        - host\n"));
    const std::string outside = text_of(build({query("a.example")}, asked({{addr("192.0.2.53/32"), 53}})));
    BOOST_TEST(has(outside, "- toCIDR:\n        - 192.0.2.53/32\n"));
}

BOOST_AUTO_TEST_CASE(a_plain_drop_tells_the_server_and_is_not_opened_beside_the_filter) {
    const std::string text = text_of(build({query("a.example"), to(openshift, 5353, l4_protocol::udp)}));
    BOOST_TEST(!has(text, "kube-dns"));
    BOOST_TEST(has(text, "rules:\n            dns:\n              - matchPattern: \"*.*.*.*.cluster.local\""));
    // Metrics of the server are no queries.
    BOOST_TEST(has(text_of(build({query("a.example"), to(openshift, 9154)})), "kube-dns"));
}

BOOST_AUTO_TEST_CASE(labels_of_name_and_of_k8s_app_make_one_rule) {
    const peer rke2 = pods({{"app.kubernetes.io/name", "rke2-coredns"}, {std::string(namespace_label), "kube-system"}});
    const std::string text =
        text_of(build({query("a.example"), to(rke2, 53, l4_protocol::udp), to(rke2, 53)}, asked({{rke2, 53}})));
    BOOST_TEST(!has(text, "k8s-app"));
    BOOST_TEST(text.find("toEndpoints") == text.rfind("toEndpoints"));
}

BOOST_AUTO_TEST_CASE(a_server_that_is_told_better_takes_the_place_of_an_assumed_one_in_any_order) {
    const policy by_nobody = build({query("a.example")});
    const policy by_cluster = build({query("a.example")}, asked({{host, 53}}, told_by::its_cluster));
    const policy by_namespace = build({query("a.example")}, asked({{openshift, 5353}}, told_by::its_namespace));
    const policy own = build({query("b.example")}, asked({{addr("192.0.2.53/32"), 53}}));
    BOOST_TEST(has(text_of(by_nobody), "; the usual DNS server, for none was seen\n"));
    const std::string whole =
        text_of(build({query("a.example"), query("b.example")}, asked({{addr("192.0.2.53/32"), 53}})));
    BOOST_TEST(!has(whole, "was seen"));
    std::vector<const policy*> parts = {&by_nobody, &by_cluster, &by_namespace, &own};
    std::ranges::sort(parts);
    do {
        std::string text = text_of(*parts[0]);
        for (std::size_t i = 1; i < parts.size(); ++i)
            text = merged(text, *parts[i]);
        BOOST_TEST(text == whole);
    } while (std::ranges::next_permutation(parts).found);
    BOOST_TEST(merged(text_of(by_namespace), by_nobody) == text_of(by_namespace));
}

BOOST_AUTO_TEST_CASE(in_a_file_with_a_persons_hand_in_it_the_assumed_rule_is_replaced_where_nobody_has_touched_it) {
    const std::string before = text_of(build({query("a.example")})) + "# by hand\n";
    const policy told = build({query("b.example")}, asked({{openshift, 5353}}));
    const std::string after = merged(before, told);
    BOOST_TEST(!has(after, "kube-dns"));
    BOOST_TEST(
        has(after, "# TCP/5353, UDP/5353 (DNS a.example, DNS b.example, DNS below cluster.local) to dns.operator"));
    BOOST_TEST(has(after, "# by hand\n"));
    BOOST_TEST(merged(after, told) == after);
    // A rule that a person has changed stays, and so does every rule of a policy that is not cpg's.
    std::string touched = before;
    touched.replace(touched.find("; the usual"), 0, " (ours)");
    BOOST_TEST(has(merged(touched, told), "kube-dns"));
    std::string foreign = before;
    foreign.replace(foreign.find("managed-by: cpg"), 15, "managed-by: me");
    BOOST_TEST(has(merged(foreign, told), "kube-dns"));
    BOOST_TEST(has(merged(foreign, told), "5353"));
}

BOOST_AUTO_TEST_CASE(a_persons_filter_for_other_labels_of_the_server_is_not_voided) {
    const peer rke2 = pods({{"app.kubernetes.io/name", "rke2-coredns"}, {std::string(namespace_label), "kube-system"}});
    const std::string before = text_of(build({query("a.example")}, asked({{kube_dns, 53}}))) + "# by hand\n";
    name_service names = asked({{rke2, 53}});
    names.server_labels[rke2] = {{"app.kubernetes.io/name", "rke2-coredns"}, {"k8s-app", "kube-dns"}};
    const policy plain = build({to(rke2, 53, l4_protocol::udp)}, names);
    BOOST_TEST((merge_policy(before, plain).status == merge_status::unchanged));
    names.server_labels.clear();
    BOOST_TEST((merge_policy(before, build({to(rke2, 53, l4_protocol::udp)}, names)).status == merge_status::changed));
}

BOOST_AUTO_TEST_CASE(names_of_the_cluster_are_patterns_of_as_many_labels_as_are_needed) {
    const std::string text = text_of(build({query("x.shop.svc.cluster.local")}));
    BOOST_TEST(has(text, "- matchPattern: \"*.*.*.cluster.local\""));
    BOOST_TEST(!has(text, "*.*.*.*.cluster.local"));
    BOOST_TEST(!has(text, "toFQDNs"));
    BOOST_TEST(has(text, "(DNS below cluster.local)"));
    // A name of three labels, along a search list: with the namespace and `svc`, five below the domain.
    const std::string outside = text_of(build({query("api.pay.example")}));
    BOOST_TEST(has(outside, "\"*.*.*.*.*.cluster.local\""));
    BOOST_TEST(!has(outside, "\"*.*.*.*.*.*.cluster.local\""));
    // One of five dots is asked for as it is.
    BOOST_TEST(!has(text_of(build({query("1.2.3.4.5.6")})), "cluster.local"));
    const std::string corp = text_of(
        build({query("api.example.corp.internal")}, {.by = told_by::nobody, .domains = {{"corp.internal", 0}}}));
    BOOST_TEST(has(corp, "\"*.*.corp.internal\""));
    BOOST_TEST(!has(corp, "cluster.local"));
    BOOST_TEST(!has(corp, "toFQDNs"));
}

BOOST_AUTO_TEST_CASE(a_domain_that_is_told_takes_the_place_of_the_assumed_one_in_any_order) {
    const name_service told = {.by = told_by::nobody, .domains = {{"corp.internal", 0}}};
    const policy with = build({query("a.example")}, told);
    const policy without = build({query("b.example")});
    const std::string whole = text_of(build({query("a.example"), query("b.example")}, told));
    BOOST_TEST(!has(whole, "cluster.local"));
    BOOST_TEST(merged(text_of(with), without) == whole);
    BOOST_TEST(merged(text_of(without), with) == whole);
}

BOOST_AUTO_TEST_CASE(parts_of_the_names_add_up_to_the_whole) {
    const name_service server = asked({{kube_dns, 53}});
    const std::vector<rule_key> keys = {query("a.example"), query("x.y.z.shop.svc.cluster.local"), query("b.c.example"),
                                        to(kube_dns, 53, l4_protocol::udp)};
    const std::string whole = text_of(build(keys, server));
    for (std::size_t cut = 1; cut < keys.size(); ++cut) {
        const auto at = keys.begin() + static_cast<std::ptrdiff_t>(cut);
        const policy first = build({keys.begin(), at}, server);
        const policy second = build({at, keys.end()}, server);
        BOOST_TEST(merged(text_of(first), second) == whole);
        BOOST_TEST(merged(policy_text(second), first) == whole);
    }
}

BOOST_AUTO_TEST_CASE(a_connection_is_written_by_the_names_of_its_address) {
    name_service names = asked({{kube_dns, 53}});
    names.addresses = {{"203.0.113.7/32", {{"pay.example"}}}, {"203.0.113.8/32", {{"db.shop.svc.cluster.local"}}}};
    const std::string text = text_of(build(
        {to(addr("203.0.113.7/32"), 443), to(addr("203.0.113.8/32"), 443), to(addr("203.0.113.9/32"), 443)}, names));
    BOOST_TEST(has(text,
                   "- toFQDNs:\n        - matchName: pay.example\n      toPorts:\n        - ports:\n"
                   "            - port: \"443\""));
    BOOST_TEST(has(text, "- toCIDR:\n        - 203.0.113.8/32\n        - 203.0.113.9/32\n"));
    BOOST_TEST(!has(text, "203.0.113.7"));
}

BOOST_AUTO_TEST_CASE(an_address_that_is_named_later_is_no_longer_written_as_one) {
    name_service names = asked({{kube_dns, 53}});
    const std::vector<rule_key> keys = {to(addr("203.0.113.7/32"), 443)};
    const std::string before = text_of(build(keys, names));
    names.addresses = {{"203.0.113.7/32", {{"pay.example"}}}};
    const policy later = build(keys, names);
    BOOST_TEST(merged(before, later) == text_of(later));
}

BOOST_AUTO_TEST_CASE(of_many_names_of_an_address_those_count_that_were_asked_for) {
    name_service names = asked({{kube_dns, 53}});
    std::set<name_list>& all = names.addresses["203.0.113.7/32"];
    name_list forty;
    for (int i = 0; i < 40; ++i)
        forty.push_back("n" + std::to_string(i) + ".example");
    all = {forty};
    const policy too_many = build({to(addr("203.0.113.7/32"), 443)}, names);
    BOOST_TEST(too_many.too_many_names == 1u);
    BOOST_TEST(has(text_of(too_many), "203.0.113.7/32"));
    const policy one = build({to(addr("203.0.113.7/32"), 443), query("n7.example")}, names);
    BOOST_TEST(one.too_many_names == 0u);
    BOOST_TEST(has(text_of(one), "# TCP/443 to n7.example\n"));
    all = {{"a.example"}, {"b.example"}};
    BOOST_TEST(has(text_of(build({to(addr("203.0.113.7/32"), 443)}, names)), "# TCP/443 to a.example, b.example\n"));
}

BOOST_AUTO_TEST_CASE(evidence_is_of_what_is_written) {
    name_service names = asked({{openshift, 5353}});
    names.addresses = {{"203.0.113.7/32", {{"pay.example"}}}};
    const std::vector<rule_key> keys = {to(addr("203.0.113.7/32"), 443), query("x.shop.svc.cluster.local")};
    const written_keys written(keys, names, "shop");
    BOOST_TEST(to_string(written.of(keys[0])) == "egress:fqdn:pay.example:TCP:443");
    BOOST_TEST(to_string(written.of(keys[1])) ==
               "egress:ep:dns.operator.openshift.io/daemonset-dns=default,io.kubernetes.pod.namespace=openshift-dns"
               ":UDP:5353:dns:x.shop.svc.cluster.local");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
