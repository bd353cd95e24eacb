// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// What generate asks of a cluster and says of its answers; here no tunnel comes about.
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "e2e/cluster_case.hpp"
#include "support/deaf_port.hpp"

namespace cpg::test {

namespace {

namespace fs = std::filesystem;

const std::string policies_target = "/apis/cilium.io/v2/ciliumnetworkpolicies";
const std::string config_target = "/api/v1/namespaces/kube-system/configmaps/cilium-config";
const std::string envoy_target = "/apis/apps/v1/namespaces/kube-system/daemonsets/cilium-envoy";

std::string forbidden(const std::string& what) {
    return http_text(403, status_text(403, "Forbidden", "User \"me\" cannot " + what));
}

// A cluster's policy for one server of distinct_flows(), with the keys as Cilium writes them back.
std::string policy_for(const std::string& server, const std::string& port) {
    return R"({"apiVersion":"cilium.io/v2","kind":"CiliumNetworkPolicy","metadata":{"name":"cpg-)" + server +
           R"(","namespace":"team","labels":{"app.kubernetes.io/managed-by":"cpg"}},"spec":{"endpointSelector":)"
           R"({"matchLabels":{"any:app":")" +
           server +
           R"("}},"ingress":[{"fromEndpoints":[{"matchLabels":{"any:app":"client-0"}}],"toPorts":[{"ports":[{"port":")" +
           port + R"(","protocol":"TCP"}]}]}]}})";
}

std::string list_of(const std::string& items, const std::string& next = "") {
    return http_text(200, R"({"apiVersion":"cilium.io/v2","kind":"CiliumNetworkPolicyList","metadata":{"continue":")" +
                              next + R"("},"items":[)" + items + "]}");
}

struct api_case : cluster_case {
    const words with_config = {"--kubeconfig", "kubeconfig"};

    words and_config(words flags) const {
        flags.insert(flags.end(), with_config.begin(), with_config.end());
        return flags;
    }
    void write_plain_config(const std::string& server) const {
        write("kubeconfig", "current-context: test\nclusters: [{name: test, cluster: {server: 'http://" + server +
                                "'}}]\nusers: [{name: me, user: {}}]\ncontexts: [{name: test, context: "
                                "{cluster: test, user: me}}]\n");
    }
    // The warnings of the L7 preflight, with a relay that has one HTTP flow.
    std::string preflight_log(std::map<std::string, std::string> answers_by_prefix, const words& more = {}) {
        start_api(answers(std::move(answers_by_prefix)));
        start_sim({"--capture", example("l7.jsonl").string()});
        words flags = at_sim({"--l7", "--duration", "1s"});
        flags.insert(flags.end(), more.begin(), more.end());
        return run_cpg(and_config(flags), 0)->err();
    }
};

// Gone, or dead with nobody left to ask how it ended.
bool has_ended(pid_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string id, name, state;
    return !(stat >> id >> name >> state) || state == "Z";
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cluster, api_case)

BOOST_AUTO_TEST_CASE(without_server_and_kubeconfig_both_ways_are_named) {
    check_fails({}, {"kubeconfig", "--server"});
}

BOOST_AUTO_TEST_CASE(a_kubeconfig_that_is_missing_is_named) {
    check_fails({"--kubeconfig", "nowhere"}, {"nowhere"});
}

BOOST_AUTO_TEST_CASE(no_relay_pod_names_namespace_label_and_server_flag) {
    start_api(answers({{"GET " + pods_target, http_text(200, R"({"kind":"PodList","items":[]})")}}));
    check_fails(with_config, {"kube-system", "k8s-app=hubble-relay", "--server"});
    BOOST_TEST(requests().at(0).headers.at("authorization") == "Bearer secret-of-the-test");
}

BOOST_AUTO_TEST_CASE(a_relay_pod_that_is_not_ready_does_not_count) {
    start_api(
        answers({{"GET " + pods_target,
                  http_text(200, R"({"kind":"PodList","items":[{"metadata":{"name":"relay-0"},"status":)"
                                 R"({"phase":"Running","conditions":[{"type":"Ready","status":"False"}]}}]})")}}));
    check_fails(with_config, {"no running and ready pod", "kube-system", "k8s-app=hubble-relay"});
}

BOOST_AUTO_TEST_CASE(pods_that_may_not_be_listed_name_the_verb) {
    start_api(answers({{"GET " + pods_target, forbidden("list pods")}}));
    check_fails(with_config, {"list on pods", "kube-system", "--server"});
}

BOOST_AUTO_TEST_CASE(credentials_that_are_not_accepted_say_to_log_in) {
    start_api(answers({{"GET " + pods_target, http_text(401, status_text(401, "Unauthorized", "Unauthorized"))}}));
    check_fails(with_config, {"401", "log in"});
}

BOOST_AUTO_TEST_CASE(a_port_forward_that_is_forbidden_both_ways_names_get_and_create) {
    start_api(answers({{"GET " + pods_target, pod_list_text()},
                       {"GET " + forward_target, forbidden("get pods/portforward")},
                       {"POST " + forward_target, forbidden("create pods/portforward")}}));
    check_fails(with_config, {"get and create on pods/portforward", "kube-system", "--server"});
}

BOOST_AUTO_TEST_CASE(an_api_server_that_is_away_is_named) {
    start_api(answers({}));
    const std::string there = "127.0.0.1:" + std::to_string(api->port());
    std::string text = read_text(dir / "kubeconfig");
    text.replace(text.find(there), there.size(), "127.0.0.1:1");
    write("kubeconfig", text);
    check_fails(and_config({"--timeout", "3s"}), {"127.0.0.1:1"});
}

BOOST_AUTO_TEST_CASE(an_api_server_that_never_answers_is_given_up_after_the_timeout) {
    const deaf_port port(true);
    write_plain_config(port.address());
    const auto begin = std::chrono::steady_clock::now();
    check_fails(and_config({"--timeout", "1s"}), {port.address()});
    BOOST_TEST((std::chrono::steady_clock::now() - begin < 6s));
}

// --timeout is for the whole way, preflight, listing and connection together.
BOOST_AUTO_TEST_CASE(preflight_listing_and_connection_share_one_timeout) {
    const deaf_port port(true);
    write_plain_config(port.address());
    const auto begin = std::chrono::steady_clock::now();
    check_fails(and_config({"--timeout", "4s", "--l7", "--cluster-dedup"}), {"--cluster-dedup", port.address()});
    BOOST_TEST((std::chrono::steady_clock::now() - begin < 8s));
    check_fails(and_config({"--timeout", "4s", "--l7"}), {port.address()});
}

BOOST_AUTO_TEST_CASE(who_is_impersonated_is_asked_for) {
    start_api(answers({}));
    check_fails(and_config({"--as", "jane", "--as-group", "dev,ops"}), {"looking for the pod"});
    BOOST_REQUIRE(!requests().empty());
    BOOST_TEST(requests().at(0).headers.at("impersonate-user") == "jane");
    BOOST_TEST(requests().at(0).headers.at("user-agent").starts_with("cpg/"));
    run_cpg(and_config({"--as-group", "dev"}), 2);
}

BOOST_AUTO_TEST_CASE(a_signal_ends_the_wait_for_the_api_server) {
    const deaf_port port(true);
    write_plain_config(port.address());
    const auto cpg = start_cpg(and_config({"--timeout", "1m"}));
    BOOST_TEST(!cpg->wait(1s), cpg->err());
    cpg->signal(SIGTERM);
    BOOST_TEST(cpg->exit_code(5s) == 0, cpg->err());
}

// In the preflight, in the listing and on the way to relay. What the plugin has started holds standard error open, too.
BOOST_AUTO_TEST_CASE(a_signal_leaves_no_credential_plugin_behind) {
    for (const words& flags : {words{"--l7"}, words{"--cluster-dedup"}, words{}})
        for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
            write("plugin.sh", "#!/bin/sh\nsleep 300 &\necho $$ $! > pids.new\nmv pids.new pids\nwait\n");
            fs::permissions(dir / "plugin.sh", fs::perms::owner_all);
            fs::remove(dir / "pids");
            write("kubeconfig",
                  "apiVersion: v1\nkind: Config\ncurrent-context: test\n"
                  "clusters:\n- {name: test, cluster: {server: \"https://127.0.0.1:1\"}}\n"
                  "users:\n- name: me\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1, command: "
                  "./plugin.sh, interactiveMode: Never}\n"
                  "contexts:\n- {name: test, context: {cluster: test, user: me}}\n");
            const auto cpg = start_cpg(and_config(flags));
            BOOST_REQUIRE(eventually([&] { return fs::exists(dir / "pids"); }));
            cpg->signal(signal);
            BOOST_TEST(cpg->exit_code(10s) == (flags.empty() ? 0 : 3), cpg->err());
            if (!flags.empty()) BOOST_TEST(cpg->said("before the capture began"), cpg->err());
            std::istringstream pids(read_text(dir / "pids"));
            for (pid_t pid = 0; pids >> pid;)
                BOOST_TEST(eventually([&] { return has_ended(pid); }));
        }
}

BOOST_AUTO_TEST_CASE(a_policy_that_the_cluster_has_is_skipped) {
    const auto capture = write("capture.jsonl", distinct_flows(20));
    file_texts wanted = replayed(capture);
    BOOST_TEST(wanted.erase("team/server-0.yaml") == 1u);
    // server-1 has a policy too, but not for this port.
    start_api(answers(
        {{"GET " + policies_target, list_of(policy_for("server-0", "1") + "," + policy_for("server-1", "2"))}}));
    start_sim({"--capture", capture.string()});
    const boost::json::object summary = generate_until(and_config(at_sim({"--cluster-dedup"})), wanted);
    BOOST_TEST(number_in(summary, {"policies_written"}) == 19u);
    BOOST_TEST(number_in(summary, {"policies_skipped"}) == 1u);
    BOOST_TEST(holds(requests().at(0).target, "labelSelector=app.kubernetes.io%2Fmanaged-by%3Dcpg"));
}

BOOST_AUTO_TEST_CASE(policies_are_listed_page_by_page_and_in_the_namespaces_asked_for) {
    const auto capture = write("capture.jsonl", distinct_flows(20));
    file_texts wanted = replayed(capture);
    wanted.erase("team/server-0.yaml");
    wanted.erase("team/server-1.yaml");
    const std::string target =
        "GET /apis/cilium.io/v2/namespaces/team/ciliumnetworkpolicies?"
        "labelSelector=app.kubernetes.io%2Fmanaged-by%3Dcpg&limit=500";
    start_api(answers({{target, list_of(policy_for("server-0", "1"), "page-2")},
                       {target + "&continue=page-2", list_of(policy_for("server-1", "1"))}}));
    start_sim({"--capture", capture.string()});
    generate_until(and_config(at_sim({"--cluster-dedup", "-nteam"})), wanted);
    BOOST_TEST(requests().size() == 2u);
}

BOOST_AUTO_TEST_CASE(cluster_dedup_without_the_resource_says_so) {
    start_api(answers({}));
    start_sim({});
    check_fails(and_config(at_sim({"--cluster-dedup"})), {"ciliumnetworkpolicies.cilium.io", "--cluster-dedup"});
}

BOOST_AUTO_TEST_CASE(cluster_dedup_that_is_forbidden_gives_the_rule_to_grant) {
    start_api(answers({{"GET " + policies_target, forbidden("list ciliumnetworkpolicies")}}));
    start_sim({});
    check_fails(and_config(at_sim({"--cluster-dedup"})),
                {"apiGroups: [cilium.io]", "resources: [ciliumnetworkpolicies]", "verbs: [list]", "--cluster-dedup"});
}

BOOST_AUTO_TEST_CASE(the_l7_preflight_is_silent_where_all_is_set) {
    const std::string log =
        preflight_log({{"GET " + config_target, http_text(200, R"({"data":{"enable-l7-proxy":"true"}})")},
                       {"GET " + envoy_target, http_text(200, R"({"kind":"DaemonSet"})")}});
    BOOST_TEST(!holds(log, "preflight"), log);
}

BOOST_AUTO_TEST_CASE(the_l7_preflight_warns_of_a_proxy_that_is_off_and_of_no_envoy) {
    const std::string log =
        preflight_log({{"GET " + config_target,
                        http_text(200, R"({"data":{"enable-l7-proxy":"false","external-envoy-proxy":"true"}})")},
                       {"GET " + envoy_target, http_text(404, status_text(404, "NotFound", "gone"))}});
    const std::string proxy = line_with(log, "enable-l7-proxy is");
    BOOST_TEST(holds(proxy, "\"level\":\"warn\""), log);
    BOOST_TEST(holds(proxy, "l7Proxy=true"), log);
    BOOST_TEST(holds(line_with(log, "no DaemonSet kube-system/cilium-envoy"), "envoy.enabled=true"), log);
}

BOOST_AUTO_TEST_CASE(the_l7_preflight_tells_the_default_of_a_key_that_is_absent) {
    const std::string log =
        preflight_log({{"GET " + config_target, http_text(200, R"({"data":{"external-envoy-proxy":"false"}})")},
                       {"GET " + envoy_target, http_text(404, status_text(404, "NotFound", "gone"))}});
    BOOST_TEST(holds(log, "Cilium's default is true"), log);
    BOOST_TEST(!holds(log, "no DaemonSet"), log);
}

BOOST_AUTO_TEST_CASE(the_l7_preflight_names_the_verb_that_is_lacking) {
    const std::string log = preflight_log(
        {{"GET " + config_target, forbidden("get configmaps")}, {"GET " + envoy_target, forbidden("get daemonsets")}});
    BOOST_TEST(holds(log, "get on configmaps in kube-system"), log);
    BOOST_TEST(holds(log, "get on daemonsets.apps in kube-system"), log);
}

BOOST_AUTO_TEST_CASE(no_l7_preflight_asks_the_cluster_nothing) {
    const std::string log = preflight_log({}, {"--no-l7-preflight"});
    BOOST_TEST(!holds(log, "preflight"), log);
    BOOST_TEST(requests().empty());
}

BOOST_AUTO_TEST_CASE(the_l7_preflight_without_a_cluster_is_a_warning_only) {
    start_sim({"--capture", example("l7.jsonl").string()});
    const std::string log = run_cpg(at_sim({"--l7", "--duration", "1s"}), 0)->err();
    BOOST_TEST(holds(line_with(log, "--no-l7-preflight skips this"), "\"level\":\"warn\""), log);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::test
