// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// verify beside the policies of a cluster.

#include <boost/json/parse.hpp>

#include "e2e/cluster_case.hpp"

namespace cpg::test {

namespace {

std::string policy(const std::string& name, const std::string& port) {
    return R"({"apiVersion":"cilium.io/v2","kind":"CiliumNetworkPolicy","metadata":{"name":")" + name +
           R"(","namespace":"team"},"spec":{"endpointSelector":{"matchLabels":{"app":")" + name +
           R"("}},"ingress":[{"fromEndpoints":[{"matchLabels":{"app":"client-0"}}],"toPorts":[{"ports":[{"port":")" +
           port + R"(","protocol":"TCP"}]}]}]}})";
}

std::string list_of(const std::string& kind, const std::string& items = "") {
    return http_text(200, R"({"kind":")" + kind + R"(List","items":[)" + items + "]}");
}

struct verify_case : cluster_case {
    /// The cluster has a policy for each of the first three servers; the capture asks each for port 1.
    verify_case() {
        write("capture.jsonl", distinct_flows(3));
        const std::string all = policy("server-0", "1") + "," + policy("server-1", "1") + "," + policy("server-2", "1");
        start_api(answers(
            {{"GET /apis/cilium.io/v2/ciliumnetworkpolicies", list_of("CiliumNetworkPolicy", all)},
             {"GET /apis/cilium.io/v2/ciliumclusterwidenetworkpolicies", list_of("CiliumClusterwideNetworkPolicy")},
             {"GET /apis/networking.k8s.io/v1/networkpolicies", list_of("NetworkPolicy")}}));
        // The files say less of one of them, which is what would be in force.
        std::filesystem::create_directory(dir / "files");
        std::filesystem::create_directory(dir / "base");
        write("files/one.yaml", policy("server-1", "2"));
        write("base/one.yaml", policy("server-2", "2"));
    }

    /// Verdict and verdict of the base, by server.
    std::map<std::string, std::string> verdicts(const words& flags) {
        words command = {"verify", "files", "--capture", "capture.jsonl", "--output", "json"};
        command.insert(command.end(), flags.begin(), flags.end());
        const auto cpg = run_command(command, 1);
        std::map<std::string, std::string> out;
        const boost::json::value report = boost::json::parse(cpg->out());
        for (const auto& each : report.at("connections").as_array()) {
            const auto* const before = each.as_object().if_contains("verdict_of_base");
            out[each.at("subject").at("workload").as_string().c_str()] =
                std::string(each.at("verdict").as_string()) +
                (before ? " was " + std::string(before->as_string()) : "");
        }
        return out;
    }
};

using verdict_map = std::map<std::string, std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(verify, verify_case)

BOOST_AUTO_TEST_CASE(a_file_takes_the_place_of_the_policy_of_its_name_and_the_others_stay) {
    const verdict_map wanted = {{"server-0", "allowed"}, {"server-1", "denied"}, {"server-2", "allowed"}};
    BOOST_TEST((verdicts({"--with-cluster", "--kubeconfig", "kubeconfig"}) == wanted));
}

BOOST_AUTO_TEST_CASE(what_is_compared_with_stands_in_the_cluster_too) {
    const verdict_map wanted = {
        {"server-0", "allowed was allowed"}, {"server-1", "denied was allowed"}, {"server-2", "allowed was denied"}};
    BOOST_TEST((verdicts({"--with-cluster", "--kubeconfig", "kubeconfig", "--base", "base"}) == wanted));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::test
