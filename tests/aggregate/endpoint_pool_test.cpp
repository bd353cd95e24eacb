// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/endpoint_pool.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "support/sample_flow.hpp"

namespace cpg {

BOOST_AUTO_TEST_SUITE(endpoint_pool_suite)

BOOST_AUTO_TEST_CASE(one_end_has_one_copy) {
    const test::sample_flow sample;
    endpoint_pool ends;
    const auto first = ends.find(sample.flow.source, "10.0.0.1");
    BOOST_TEST(ends.find(sample.flow.source, "10.0.0.1") == first);
    BOOST_TEST(ends.size() == 1u);
    BOOST_TEST(first->pod_namespace == "shop");
    BOOST_TEST(first->workload == "frontend");
    BOOST_TEST(first->ip == "10.0.0.1");
}

BOOST_AUTO_TEST_CASE(ends_that_differ_in_one_thing_are_two) {
    test::sample_flow sample;
    endpoint_pool ends;
    const auto first = ends.find(sample.flow.source, "10.0.0.1");
    BOOST_TEST((*ends.find(sample.flow.source, "10.0.0.2") != *first));
    endpoint other = sample.flow.source;
    other.pod_name = "frontend-1";
    BOOST_TEST(ends.find(other, "10.0.0.1")->pod == "frontend-1");
    other = sample.flow.source;
    other.pod_namespace = "jobs";
    BOOST_TEST(ends.find(other, "10.0.0.1")->pod_namespace == "jobs");
    BOOST_TEST(ends.find(sample.pod("shop", {"k8s:app=batch"}), "10.0.0.1")->workload == "batch");
    BOOST_TEST(ends.size() == 5u);
}

// Addresses from outside come and go for as long as a session runs.
BOOST_AUTO_TEST_CASE(ends_that_no_sample_uses_are_let_go) {
    const test::sample_flow sample;
    endpoint_pool ends;
    const auto used = ends.find(sample.flow.source, "10.0.0.1");
    for (int i = 0; i < 100'000; ++i)
        ends.find(sample.flow.source, "192.0.2." + std::to_string(i));
    BOOST_TEST(ends.size() <= 1024u);
    BOOST_TEST(ends.find(sample.flow.source, "10.0.0.1") == used);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
