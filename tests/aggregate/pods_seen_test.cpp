// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/pods_seen.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>

#include "base/limits.hpp"

namespace cpg {

namespace {

const label_set& pod_with(label_table& table, const std::vector<std::string_view>& labels) {
    label_cache cache(table);
    std::deque<label_set> overflow;
    return *cache.find(labels, overflow);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pods_seen_suite)

BOOST_AUTO_TEST_CASE(pods_that_differ_in_what_changes_with_every_run_are_one) {
    label_table table;
    pod_texts texts;
    const std::string* first = texts.find(
        pod_with(table, {"k8s:app=a", "k8s:part=x", "k8s:pod-template-hash=1", "k8s:io.kubernetes.pod.namespace=n"}));
    const std::string* second = texts.find(pod_with(table, {"k8s:part=x", "k8s:app=a", "k8s:pod-template-hash=2"}));
    BOOST_TEST_REQUIRE(first);
    BOOST_TEST(*first == "app=a,part=x");
    BOOST_TEST(first == second);
    label_set not_kept;
    BOOST_TEST(!texts.find(not_kept));
}

BOOST_AUTO_TEST_CASE(the_first_in_order_stay_whatever_order_they_came_in) {
    std::vector<std::string> all;
    for (int i = 0; i < 40; ++i)
        all.push_back("app=" + std::to_string(100 + i));
    const std::set<std::string> expected(all.begin(), all.begin() + limits::pods_of_a_rule);
    std::mt19937 random(3);
    for (int round = 0; round < 5; ++round) {
        std::ranges::shuffle(all, random);
        pods_seen seen;
        seen.add(nullptr);
        BOOST_TEST(seen.list().empty());
        for (const std::string& each : all)
            seen.add(&each);
        BOOST_TEST((seen.list() == expected));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
