// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/cluster_domain.hpp"

#include <boost/test/unit_test.hpp>

namespace cpg {

BOOST_AUTO_TEST_SUITE(cluster_domain_suite)

BOOST_AUTO_TEST_CASE(a_search_list_shows_the_domain) {
    const auto shown = [](std::string_view name) { return cluster_domain_in(name, "shop").value_or(""); };
    BOOST_TEST(shown("api.example.com.shop.svc.cluster.local") == "cluster.local");
    BOOST_TEST(shown("redis.shop.svc.corp.internal") == "corp.internal");
    BOOST_TEST(shown("kubernetes.default.svc.k8s") == "k8s");
    // A name of the cluster that the list was put behind.
    BOOST_TEST(shown("redis.shop.svc.cluster.local.shop.svc.cluster.local") == "cluster.local");
    BOOST_TEST(shown("redis.shop.svc.cluster.local.svc.cluster.local") == "");
}

BOOST_AUTO_TEST_CASE(other_names_show_nothing) {
    for (const char* name : {"api.example.com", "api.data.svc.example.com", "shop.svc.cluster.local", "svc", "",
                             "x.shop.svc.", "x.shop.svc.svc.cluster.local"})
        BOOST_TEST(!cluster_domain_in(name, "shop").has_value(), name);
}

BOOST_AUTO_TEST_CASE(below_means_with_a_label_more) {
    BOOST_TEST(is_below("a.cluster.local", "cluster.local"));
    BOOST_TEST(!is_below("cluster.local", "cluster.local"));
    BOOST_TEST(!is_below("mycluster.local", "cluster.local"));
    BOOST_TEST(!is_below(".cluster.local", "cluster.local"));
    BOOST_TEST(label_count("a.b.c") == 3u);
    BOOST_TEST(label_count("") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
