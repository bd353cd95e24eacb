// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/common_labels.hpp"

#include <boost/test/unit_test.hpp>

namespace cpg {

namespace {

label_set pod(const std::vector<std::string_view>& raw) {
    return read_labels(raw);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(common_labels_suite)

BOOST_AUTO_TEST_CASE(what_one_pod_lacks_is_not_common_whichever_pod_comes_first) {
    const label_set a = pod({"k8s:app=api", "k8s:tier=web", "k8s:io.kubernetes.pod.namespace=prod"});
    const label_set b = pod({"k8s:app=api", "k8s:tier=db", "k8s:canary"});
    for (const bool a_first : {true, false}) {
        common_labels common;
        BOOST_TEST(!common.add(a_first ? a : b));
        BOOST_TEST(common.add(a_first ? b : a));
        BOOST_TEST((common.labels() == selector{{"app", "api"}}));
        BOOST_TEST(!common.add(a));
    }
}

BOOST_AUTO_TEST_CASE(a_label_without_a_value_and_no_label_of_another_source_counts) {
    const label_set a = pod({"container:app=x", "k8s:canary", "reserved:host"});
    common_labels common;
    common.add(a);
    BOOST_TEST((common.labels() == selector{{"canary", ""}}));
}

BOOST_AUTO_TEST_CASE(pods_of_two_releases_differ_also_with_one_in_between_that_names_none) {
    const label_set a = pod({"k8s:app=api", "k8s:app.kubernetes.io/instance=one"});
    const label_set b = pod({"k8s:app=api"});
    const label_set c = pod({"k8s:app=api", "k8s:app.kubernetes.io/instance=two"});
    common_labels common;
    common.add(a);
    common.add(b);
    BOOST_TEST(common.differing().empty());
    common.add(c);
    BOOST_TEST(common.differing().contains("app.kubernetes.io/instance"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
