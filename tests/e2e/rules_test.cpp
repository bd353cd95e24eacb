// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Which flows become rules, by whose labels, and what is said where none does.

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "e2e/workplace.hpp"

namespace cpg {

using test::flow_line;
using test::has;
using test::line_of;
using test::pod_end;
using test::run_result;
using test::workplace;

namespace {

/// app=api to app=db in shop, seen at the source, with this layer 4.
std::string egress_line(const std::string& l4) {
    return line_of({.source = pod_end("shop", {"k8s:app=api"}, R"("identity":1000,)"),
                    .destination = pod_end("shop", {"k8s:app=db"}, R"("identity":1001,)"),
                    .l4 = l4,
                    .ingress = false});
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

run_result replay(const workplace& at, const std::string& input, std::vector<std::string> words = {}) {
    words.insert(words.begin(), {"replay", "-"});
    return at.run(words, input);
}

std::string said(const std::string& input, std::vector<std::string> words = {}) {
    const workplace at;
    return replay(at, input, std::move(words)).err;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rules_suite)

BOOST_AUTO_TEST_CASE(a_reset_makes_no_rule_and_is_counted) {
    const workplace at;
    const run_result ran =
        replay(at, egress_line(R"("source_port":8080,"destination_port":20000,"flags":{"RST":true})"));
    BOOST_TEST(ran.exit_code == 0);
    BOOST_TEST(at.files().empty());
    BOOST_TEST(has(ran.err, R"("unhandled": {"mid_connection": 1})"));
}

BOOST_AUTO_TEST_CASE(an_absent_source_port_is_no_reply) {
    const workplace at;
    replay(at, egress_line(R"("destination_port":50051)"));
    BOOST_TEST(has(at.files()["shop/api.yaml"], "port: \"50051\""));
}

BOOST_AUTO_TEST_CASE(data_of_a_connection_that_is_older_than_the_policy_makes_a_rule_where_ports_tell_the_client) {
    const workplace at;
    replay(at, egress_line(R"("source_port":43210,"destination_port":5432,"flags":{"ACK":true})") +
                   egress_line(R"("source_port":50051,"destination_port":43211,"flags":{"ACK":true})"));
    const std::string file = at.files()["shop/api.yaml"];
    BOOST_TEST(has(file, "port: \"5432\""));
    BOOST_TEST(!has(file, "43211"));
}

BOOST_AUTO_TEST_CASE(labels_of_one_pod_are_in_no_selector) {
    const workplace at;
    replay(at, replaced(flow_line("api", 5432), R"("k8s:app=cart")",
                        R"("k8s:cnpg.io/cluster=main","k8s:cnpg.io/instanceName=main-1",)"
                        R"("k8s:cnpg.io/instanceRole=primary","k8s:cnpg.io/podRole=instance","k8s:role=primary")"));
    const std::string file = at.files()["shop/main-instance.yaml"];
    BOOST_TEST(has(file, "cnpg.io/cluster: main"));
    BOOST_TEST(!has(file, "instanceName"));
    BOOST_TEST(!has(file, "primary"));
}

BOOST_AUTO_TEST_CASE(a_key_that_begins_with_reserved_is_written_with_its_source_and_merged_with_itself) {
    const workplace at;
    const std::string input = replaced(flow_line("a", 80), "k8s:app=cart", "k8s:reserved.example.com/zone=blue");
    replay(at, input);
    const auto files = at.files();
    BOOST_TEST(has(files.at("shop/blue.yaml"), "k8s:reserved.example.com/zone"));
    replay(at, input);
    BOOST_TEST((at.files() == files));
}

BOOST_AUTO_TEST_CASE(the_user_says_which_labels_select) {
    const workplace at;
    const std::string input =
        replaced(flow_line("a", 80), R"("k8s:app=cart")",
                 R"("k8s:app.kubernetes.io/name=cart","k8s:app.kubernetes.io/instance=blue","k8s:app=old")");
    replay(at, input, {"--select-by", "app.kubernetes.io/name+app.kubernetes.io/instance,app"});
    const auto files = at.files();
    BOOST_TEST(files.contains("shop/blue-cart.yaml"));
    BOOST_TEST(has(files.at("shop/blue-cart.yaml"), "app: a\n"));
}

BOOST_AUTO_TEST_CASE(keys_that_can_not_select_are_refused_before_anything_is_read) {
    const workplace at;
    for (const auto& [keys, why] : {std::pair<std::string, std::string>{"", "needs a value"},
                                    {"a b", "is no label key"},
                                    {"app,", "empty label key"},
                                    {"app+app", "stands twice"},
                                    {"pod-template-hash", "changes with every run or release"},
                                    {"io.kubernetes.pod.namespace", "changes with"}}) {
        const run_result ran = replay(at, flow_line("a", 80), {"--select-by=" + keys});
        BOOST_TEST(ran.exit_code == 2, keys);
        BOOST_TEST(has(ran.err, why), ran.err);
    }
    BOOST_TEST(replay(at, "", {"--cluster", "a b"}).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(one_selector_over_two_instances_is_said_once) {
    const auto of_instance = [](const std::string& name, unsigned port) {
        return replaced(flow_line("a", port), R"("k8s:app=cart")",
                        R"("k8s:app=cart","k8s:app.kubernetes.io/instance=)" + name + "\"");
    };
    const std::string err = said(of_instance("blue", 80) + of_instance("green", 81) + of_instance("red", 82));
    const std::string_view warning = "one selector covers pods that differ";
    BOOST_TEST(has(err, R"("selector": "app=cart", "labels": ["app.kubernetes.io/instance"])"), err);
    BOOST_TEST(has(err, "--select-by"));
    BOOST_TEST(err.find(warning) == err.rfind(warning));
    BOOST_TEST(!has(said(of_instance("blue", 80) + of_instance("blue", 81)), warning));
}

BOOST_AUTO_TEST_CASE(subjects_of_two_clusters_are_named_and_one_can_be_kept) {
    const auto of_cluster = [](const std::string& name) {
        return replaced(flow_line("a", 80, "in-" + name), R"("destination":{"namespace")",
                        R"("destination":{"cluster_name":")" + name + R"(","namespace")");
    };
    const std::string input = of_cluster("eu") + of_cluster("us");
    BOOST_TEST(has(said(input), R"("clusters": ["eu", "us"])"));
    const workplace at;
    const run_result ran = replay(at, input, {"--cluster", "us"});
    BOOST_TEST(!has(ran.err, R"("clusters": ["eu", "us"])"));
    BOOST_TEST(has(ran.err, R"("unhandled": {"other_cluster": 1})"));
    BOOST_TEST(at.files().size() == 1u);
    BOOST_TEST(at.files().contains("shop/in-us.yaml"));
    BOOST_TEST(has(said(input, {"--cluster", "asia"}), R"("cluster": "asia", "seen": ["eu", "us"])"));
}

BOOST_AUTO_TEST_CASE(a_peer_of_another_cluster_is_named_with_it_where_only_the_endpoint_says_so) {
    const workplace at;
    std::string input =
        replaced(flow_line("a", 80), R"("source":{"namespace")", R"("source":{"cluster_name":"us","namespace")");
    replay(at, replaced(input, R"("destination":{"namespace")", R"("destination":{"cluster_name":"eu","namespace")"));
    BOOST_TEST(has(at.files()["shop/cart.yaml"], "io.cilium.k8s.policy.cluster: us"));
}

BOOST_AUTO_TEST_CASE(the_namespaces_asked_for_bound_the_clusters_health) {
    const std::string sick = replaced(flow_line("a", 80), "POLICY_DENIED", "CT_MAP_INSERTION_FAILED");
    const workplace at;
    BOOST_TEST(replay(at, sick, {"-n", "shop", "--fail-on-infra-drops"}).exit_code == 1);
    const run_result other = replay(at, sick, {"-n", "other", "--fail-on-infra-drops"});
    BOOST_TEST(other.exit_code == 0);
    BOOST_TEST(other.out == "");
    BOOST_TEST(has(other.err, R"("unhandled": {"other_namespace": 1})"));
}

BOOST_AUTO_TEST_CASE(clusters_health_is_the_same_whatever_the_order_of_lines) {
    std::vector<std::string> lines;
    for (int i = 0; i < 12'000; ++i)
        lines.push_back(replaced(flow_line("a", 80, "w" + std::to_string(i)), "POLICY_DENIED", "CT_NO_MAP_FOUND"));
    const auto workloads_after = [](const std::vector<std::string>& input) {
        std::string text;
        for (const std::string& line : input)
            text += line;
        const workplace at;
        replay(at, text, {"--evidence-dir", "evidence"});
        for (const auto& [path, content] : at.files("evidence"))
            if (path.ends_with("cluster-health.json")) return content.substr(content.find("\"drops\""));
        return std::string();
    };
    const std::string before = workloads_after(lines);
    BOOST_TEST(has(before, "shop/w11999"));
    std::reverse(lines.begin(), lines.end());
    BOOST_TEST((workloads_after(lines) == before));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
