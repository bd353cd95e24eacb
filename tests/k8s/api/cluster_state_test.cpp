// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "k8s/api/cilium_policies.hpp"
#include "k8s/api/l7_preflight.hpp"
#include "support/api_stand_in.hpp"
#include "support/quiet_log.hpp"

namespace cpg::k8s {

using namespace std::chrono_literals;
using test::answers;
using test::api_stand_in;
using test::http_text;
using test::quiet_log;
using test::status_text;

namespace {

struct cluster_case {
    asio::io_context context;
    cluster_access access;

    api_client client(const api_stand_in& server) {
        access.server = {.tls = false, .host = "127.0.0.1", .port = std::to_string(server.port()), .prefix = {}};
        return api_client(context.get_executor(), access, quiet_log(), "cpg/test", {});
    }
    std::vector<cluster_policy> list(const api_stand_in& server, const std::vector<std::string>& name_spaces) {
        api_client one = client(server);
        return test::run(context, list_cilium_policies(one, name_spaces, std::chrono::steady_clock::now() + 10s));
    }
    std::string list_error(const std::string& bytes, const std::vector<std::string>& name_spaces) {
        api_stand_in server(context, answers({{"GET", bytes}}));
        try {
            list(server, name_spaces);
        } catch (const fatal_error& error) {
            return error.what();
        }
        return "no error";
    }
    std::vector<preflight_warning> preflight(const std::string& config, const std::string& envoy) {
        api_stand_in server(context,
                            answers({{"GET /api/v1/namespaces/kube-system/configmaps/cilium-config", config},
                                     {"GET /apis/apps/v1/namespaces/kube-system/daemonsets/cilium-envoy", envoy}}));
        api_client one = client(server);
        return test::run(context, check_l7(one, "kube-system", std::chrono::steady_clock::now() + 10s));
    }
};

std::string page(const std::string& name, const std::string& token) {
    return http_text(200, R"({"kind":"CiliumNetworkPolicyList","apiVersion":"cilium.io/v2","metadata":{"continue":")" +
                              token + R"("},"items":[{"metadata":{"name":")" + name + R"(","namespace":"ns"}}]})");
}

std::string config_map(const std::string& data) {
    return http_text(200, "{\"data\":{" + data + "}}");
}

const std::string none = http_text(404, status_text(404, "NotFound", "not found", "x"));
const std::string forbidden = http_text(403, status_text(403, "Forbidden", "User \"nobody\" cannot", "x"));
const std::string selector = "labelSelector=app.kubernetes.io%2Fmanaged-by%3Dcpg";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cluster_state_suite, cluster_case)

BOOST_AUTO_TEST_CASE(policies_are_listed_page_by_page) {
    const std::string path = "GET /apis/cilium.io/v2/namespaces/ns/ciliumnetworkpolicies?" + selector + "&limit=500";
    api_stand_in server(context,
                        answers({{path, page("one", "a/b=")}, {path + "&continue=a%2Fb%3D", page("two", "")}}));
    const auto policies = list(server, {"ns"});
    BOOST_REQUIRE(policies.size() == 2U);
    BOOST_TEST(policies[1].name == "two");
    BOOST_TEST(policies[1].name_space == "ns");
    BOOST_TEST(policies[1].json == R"({"metadata":{"name":"two","namespace":"ns"}})");
    BOOST_TEST(server.requests().size() == 2U);
    BOOST_TEST(server.connections() == 1U);
}

BOOST_AUTO_TEST_CASE(without_namespaces_all_are_listed) {
    api_stand_in server(context, answers({{"GET /apis/cilium.io/v2/ciliumnetworkpolicies?", page("one", "")}}));
    BOOST_TEST(list(server, {}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(every_policy_in_force_is_listed_with_its_kind) {
    api_stand_in server(context,
                        answers({{"GET /apis/cilium.io/v2/ciliumnetworkpolicies?limit=500", page("one", "")},
                                 {"GET /apis/cilium.io/v2/ciliumclusterwidenetworkpolicies?", page("wide", "")},
                                 {"GET /apis/networking.k8s.io/v1/networkpolicies?", page("plain", "")}}));
    api_client one = client(server);
    const auto policies = test::run(context, list_policies_in_force(one, std::chrono::steady_clock::now() + 10s));
    BOOST_REQUIRE(policies.size() == 3U);
    BOOST_TEST(policies[1].json.find(R"("kind":"CiliumClusterwideNetworkPolicy")") != std::string::npos);
    BOOST_TEST(policies[2].json.find(R"("apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy")") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_expired_token_starts_over_without_a_limit) {
    const std::string path = "GET /apis/cilium.io/v2/ciliumnetworkpolicies?" + selector;
    const std::string expired = http_text(410, status_text(410, "Expired", "too old"));
    api_stand_in server(context, answers({{path, page("whole", "")},
                                          {path + "&limit=500", page("half", "t")},
                                          {path + "&limit=500&continue=t", expired}}));
    const auto policies = list(server, {});
    BOOST_REQUIRE(policies.size() == 1U);
    BOOST_TEST(policies[0].name == "whole");
}

BOOST_AUTO_TEST_CASE(a_missing_resource_and_a_403_say_what_to_do) {
    BOOST_TEST(list_error(http_text(404, "404 page not found\n", "text/plain"), {"a"}) ==
               "listing CiliumNetworkPolicies in namespace a: the cluster has no resource "
               "ciliumnetworkpolicies.cilium.io; is Cilium installed? Otherwise leave out --cluster-dedup");
    BOOST_TEST(list_error(forbidden, {}) ==
               "listing CiliumNetworkPolicies in all namespaces: User \"nobody\" cannot; grant the rule {apiGroups: "
               "[cilium.io], resources: [ciliumnetworkpolicies], verbs: [list]} in all namespaces, or leave out "
               "--cluster-dedup");
    BOOST_TEST(list_error(http_text(200, "nonsense"), {}).find("can't be read") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_cluster_that_is_ready_for_l7_gives_no_warning) {
    BOOST_TEST(preflight(config_map(R"("enable-l7-proxy":"true")"), http_text(200, "{}")).empty());
    for (const std::string envoy_in_the_agent : {R"("external-envoy-proxy":"false",)", ""})
        BOOST_TEST(preflight(config_map(envoy_in_the_agent + R"("enable-l7-proxy":"true")"), none).empty());
}

BOOST_AUTO_TEST_CASE(each_lack_is_a_warning_with_a_remedy) {
    // CRDs for Envoy are no Envoy.
    auto found = preflight(
        config_map(R"("enable-l7-proxy":"false","external-envoy-proxy":"true","enable-envoy-config":"true")"), none);
    BOOST_REQUIRE(found.size() == 2U);
    BOOST_TEST(found[0].message.find("is \"false\"") != std::string::npos);
    BOOST_TEST(found[1].remedy.find("envoy.enabled=true") != std::string::npos);
    found = preflight(config_map(""), http_text(200, "{}"));
    BOOST_REQUIRE(found.size() == 1U);
    BOOST_TEST(found[0].message.find("Cilium's default is true") != std::string::npos);
    found = preflight(none, http_text(200, "{}"));
    BOOST_REQUIRE(found.size() == 1U);
    BOOST_TEST(found[0].message.find("not found") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_403_names_the_verb_and_other_faults_are_warnings_too) {
    auto found = preflight(forbidden, forbidden);
    BOOST_REQUIRE(found.size() == 2U);
    BOOST_TEST(found[0].missing_verb == "get on configmaps in kube-system");
    BOOST_TEST(found[1].missing_verb == "get on daemonsets.apps in kube-system");
    found = preflight("garbage\r\n\r\n", http_text(200, "not json"));
    BOOST_REQUIRE(found.size() == 2U);
    BOOST_TEST(found[0].missing_verb.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s
