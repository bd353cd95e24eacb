// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Before anything is denied: allowed connections live, and the default deny to begin with, of a cluster or of none.

#include <cstdlib>

#include "e2e/cluster_case.hpp"
#include "support/flow_line.hpp"

namespace cpg::test {

namespace {

const std::string agent_target = "/apis/apps/v1/namespaces/kube-system/daemonsets/cilium";
const std::string config_target = "/api/v1/namespaces/kube-system/configmaps/cilium-config";

std::string trace(unsigned port, int point, const std::string& reply = "false") {
    return line_of({.uuid = std::to_string(port * 100 + static_cast<unsigned>(point)),
                    .verdict = "FORWARDED",
                    .reason = "",
                    .port = port,
                    .destination = app_end("data", "db"),
                    .event = R"({"type":4,"sub_type":)" + std::to_string(point) + "}",
                    .more = R"("is_reply":)" + reply + ","});
}

std::string agent(const std::string& image) {
    return http_text(
        200, R"({"kind":"DaemonSet","spec":{"template":{"spec":{"containers":[{"name":"config","image":"x:1.2"},)"
             R"({"name":"cilium-agent","image":")" +
                 image + R"("}]}}}})");
}

struct learning_case : cluster_case {
    program_settings settings(words flags) {
        flags.insert(flags.begin(), {cpg_binary().string(), "bootstrap"});
        return {.words = std::move(flags),
                .environment = environment,
                .folder = dir.path(),
                .out = dir / ("bootstrap.out" + std::to_string(++runs)),
                .err = dir / ("bootstrap.err" + std::to_string(runs))};
    }
    struct printed {
        int code = -1;
        std::string out;
        std::string err;
    };
    printed bootstrap(words flags) {
        program cpg(settings(std::move(flags)));
        const int code = cpg.exit_code(std::chrono::seconds(60));
        return {code, cpg.out(), cpg.err()};
    }
};

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(learning, learning_case)

BOOST_AUTO_TEST_CASE(allowed_connections_are_asked_for_and_make_the_policies_that_a_replay_makes) {
    const std::string capture = trace(1, 0) + trace(2, 3) + trace(3, 4) + trace(4, 11) + trace(5, 2) + trace(6, 5) +
                                trace(7, 0, "true") + trace(8, 1);
    const auto wanted = replayed(write("capture.jsonl", capture), {"--include-forwarded", "-A"});
    BOOST_TEST(wanted.size() == 2u);
    start_sim({"--capture", (dir / "capture.jsonl").string()});
    const auto summary = generate_until(at_sim({"--include-forwarded", "-A"}), wanted);
    BOOST_TEST(number_in(summary, {"connections_allowed"}) == 5u);
    // What makes no rule is not even sent.
    BOOST_TEST(number_in(summary, {"flows_seen"}) == 5u);
}

BOOST_AUTO_TEST_CASE(bootstrap_prints_the_default_deny_of_each_namespace_without_a_cluster) {
    const printed both = bootstrap({"-n", "shop", "-n", "data", "--kubeconfig", "nowhere"});
    BOOST_TEST(both.code == 0, both.err);
    BOOST_TEST(holds(both.err, "needs Cilium 1.16 or later"));
    const auto document = [](const std::string& name) {
        return "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata:\n  labels:\n"
               "    app.kubernetes.io/managed-by: cpg\n  name: default-deny\n  namespace: " +
               name +
               "\nspec:\n  endpointSelector: {}\n  enableDefaultDeny:\n    egress: true\n    ingress: true\n"
               "  ingress:\n    - {}\n  egress:\n    - {}\n";
    };
    BOOST_TEST(both.out == document("data") + "---\n" + document("shop"));
    const printed ingress = bootstrap({"-n", "shop", "--ingress-only", "--kubeconfig", "nowhere"});
    BOOST_TEST(holds(ingress.out, "  enableDefaultDeny:\n    ingress: true\n  ingress:\n    - {}\n"));
    BOOST_TEST(!holds(ingress.out, "egress"));
    const printed egress = bootstrap({"-n", "shop", "--egress-only", "--allow-dns", "--kubeconfig", "nowhere"});
    BOOST_TEST(
        holds(egress.out, "  enableDefaultDeny:\n    egress: true\n  egress:\n    - {}\n    # TCP/53, UDP/53 to"));
    BOOST_TEST(!holds(egress.out, "ingress:"));
}

BOOST_AUTO_TEST_CASE(bootstrap_refuses_what_makes_no_sense) {
    for (const words& wrong :
         {words{}, words{"-n", "../x"}, words{"-n", "a", "extra"}, words{"-n", "a", "--ingress-only", "--egress-only"},
          words{"-n", "a", "--ingress-only", "--allow-dns"}, words{"-n", "a", "--dry-run"}}) {
        const printed ran = bootstrap(wrong);
        BOOST_TEST(ran.code == 2, ran.err);
        BOOST_TEST(ran.out == "");
    }
}

BOOST_AUTO_TEST_CASE(the_version_of_the_agents_image_decides) {
    start_api(answers({{"GET " + agent_target, agent("registry:5000/cilium/cilium:v1.15.9@sha256:aa")}}));
    const printed ran = bootstrap({"-n", "shop", "--kubeconfig", "kubeconfig"});
    BOOST_TEST(ran.code == 3);
    BOOST_TEST(ran.out == "");
    BOOST_TEST(holds(ran.err, "the cluster runs Cilium v1.15.9, which does not know enableDefaultDeny"));
    BOOST_TEST(!holds(ran.err, "secret-of-the-test"));
}

BOOST_AUTO_TEST_CASE(a_new_agent_is_well_and_needs_no_second_question) {
    start_api(answers({{"GET " + agent_target, agent("quay.io/cilium/cilium:v1.16.0")}}));
    const printed ran = bootstrap({"-n", "shop", "--kubeconfig", "kubeconfig"});
    BOOST_TEST(ran.code == 0, ran.err);
    BOOST_TEST(!holds(ran.err, "could not be told"));
    BOOST_TEST(requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(where_the_agent_does_not_tell_the_config_map_may_and_else_it_is_noted) {
    start_api(
        answers({{"GET " + agent_target, agent("cilium:latest")},
                 {"GET " + config_target,
                  http_text(200, R"({"metadata":{"labels":{"app.kubernetes.io/version":"1.14.1"}},"data":{}})")}}));
    BOOST_TEST(bootstrap({"-n", "shop", "--kubeconfig", "kubeconfig"}).code == 3);
}

BOOST_AUTO_TEST_CASE(a_cluster_that_may_not_be_looked_at_is_noted_and_the_policy_is_printed) {
    start_api(answers({{"GET /", http_text(403, status_text(403, "Forbidden", "no"))}}));
    const printed ran = bootstrap({"-n", "shop", "--kubeconfig", "kubeconfig"});
    BOOST_TEST(ran.code == 0, ran.err);
    BOOST_TEST(holds(ran.err, "could not be told"));
    BOOST_TEST(holds(ran.out, "name: default-deny"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::test
