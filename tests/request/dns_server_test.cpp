// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/dns_server.hpp"

#include <boost/test/unit_test.hpp>

namespace cpg {

namespace {

rule_key to(selector labels, std::uint16_t port, l4_protocol protocol) {
    return {.direction = direction::egress,
            .peer = peer::endpoint(std::move(labels)),
            .protocol = protocol,
            .port = port,
            .l7 = {}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dns_server_suite)

BOOST_AUTO_TEST_CASE(whoever_is_asked_on_port_53_is_a_server) {
    rule_key key = to({{"app", "x"}}, 53, l4_protocol::udp);
    BOOST_TEST(server_asked(key).has_value());
    key.protocol = l4_protocol::tcp;
    BOOST_TEST(server_asked(key).has_value());
    key.protocol = l4_protocol::sctp;
    BOOST_TEST(!server_asked(key).has_value());
    key = to({{"app", "x"}}, 53, l4_protocol::udp);
    key.direction = direction::ingress;
    BOOST_TEST(!server_asked(key).has_value());
}

BOOST_AUTO_TEST_CASE(pods_with_the_labels_of_a_server_are_ones_on_the_port_of_a_query) {
    for (const selector& labels :
         {selector{{"dns.operator.openshift.io/daemonset-dns", "default"}}, selector{{"k8s-app", "kube-dns"}},
          selector{{"k8s-app", "node-local-dns"}}, selector{{"app.kubernetes.io/name", "coredns"}},
          selector{{"app.kubernetes.io/name", "rke2-coredns"}}}) {
        BOOST_TEST(server_asked(to(labels, 1053, l4_protocol::udp)).has_value());
        BOOST_TEST(server_asked(to(labels, 5353, l4_protocol::tcp)).has_value());
        BOOST_TEST(!server_asked(to(labels, 9153, l4_protocol::tcp)).has_value());
    }
    // Multicast DNS of others.
    BOOST_TEST(!server_asked(to({{"app", "x"}}, 5353, l4_protocol::udp)).has_value());
}

BOOST_AUTO_TEST_CASE(a_server_is_named_from_where_it_is_asked) {
    const dns_server_place place = {
        .server = {.peer = to({{"k8s-app", "kube-dns"}}, 53, l4_protocol::udp).peer, .port = 53},
        .pod_namespace = "kube-system",
        .cluster = "east"};
    BOOST_TEST(to_string(server_for(place, "kube-system", "east").peer.labels) == "k8s-app=kube-dns");
    BOOST_TEST(to_string(server_for(place, "shop", "east").peer.labels) ==
               "io.kubernetes.pod.namespace=kube-system,k8s-app=kube-dns");
    BOOST_TEST(to_string(server_for(place, "shop", "").peer.labels) ==
               "io.kubernetes.pod.namespace=kube-system,k8s-app=kube-dns");
    BOOST_TEST(to_string(server_for(place, "kube-system", "west").peer.labels) ==
               "io.cilium.k8s.policy.cluster=east,k8s-app=kube-dns");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
