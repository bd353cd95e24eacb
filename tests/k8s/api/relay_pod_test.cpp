// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/api/relay_pod.hpp"

#include <boost/test/unit_test.hpp>

#include "support/pod_list.hpp"

namespace cpg::k8s {

using test::pod;
using test::pod_list;

BOOST_AUTO_TEST_SUITE(relay_pod_suite)

BOOST_AUTO_TEST_CASE(the_first_running_and_ready_pod_is_chosen) {
    const std::string list =
        pod_list(pod("a", "False") + "," + pod("b", "True", "Pending") + "," + pod("c") + "," + pod("d"));
    const auto chosen = [](const std::string& of, const std::vector<std::string>& avoid) {
        const std::vector<ready_pod> ready = ready_pods(of);
        const ready_pod* const found = choose_pod(ready, avoid);
        return found ? found->name : "none";
    };
    BOOST_TEST(chosen(list, {}) == "c");
    BOOST_TEST(chosen(list, {"c"}) == "d");
    BOOST_TEST(chosen(list, {"c", "d"}) == "c");
    BOOST_TEST(chosen(pod_list(""), {}) == "none");
    BOOST_CHECK_THROW(ready_pods("{}"), cluster_error);
}

BOOST_AUTO_TEST_CASE(the_port_is_what_the_service_targets) {
    const std::string with_ports =
        R"({"items":[{"metadata":{"name":"r"},"spec":{"nodeName":"n1","containers":[{"ports":[{"name":"grpc",)"
        R"("containerPort":4222}]}]},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}]})";
    const std::vector<ready_pod> pods_there = ready_pods(with_ports);
    BOOST_REQUIRE(pods_there.size() == 1U);
    BOOST_TEST(describe({}, pods_there[0]) == "kube-system/r on node n1");
    const auto port = [&](const std::string& spec) {
        return port_of(pods_there[0], read_target_port(R"({"spec":{"ports":[)" + spec + "]}}"), 4245);
    };
    BOOST_TEST(port(R"({"port":80,"targetPort":"grpc"})") == 4222U);
    BOOST_TEST(port(R"({"port":80,"targetPort":5000,"protocol":"TCP"})") == 5000U);
    BOOST_TEST(port(R"({"port":80,"targetPort":1,"protocol":"UDP"},{"port":80,"targetPort":5001})") == 5001U);
    BOOST_TEST(port(R"({"port":80,"targetPort":"other"})") == 4245U);
    BOOST_TEST(port(R"({"port":80,"targetPort":99999})") == 4245U);
    BOOST_TEST(port(R"({"port":80})") == 4245U);
    BOOST_TEST(port("") == 4245U);
    BOOST_TEST(port_of(pods_there[0], read_target_port("no JSON"), 4245) == 4245U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s
