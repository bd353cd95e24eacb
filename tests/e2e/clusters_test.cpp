// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Flows of several clusters: `--by-cluster`, on captures and on parts of them.

#include <boost/test/unit_test.hpp>
#include <regex>

#include "e2e/workplace.hpp"
#include "support/flow_line.hpp"

namespace cpg {

namespace fs = std::filesystem;
using test::has;
using test::line_of;
using test::pod_end;
using test::run_result;
using test::workplace;
using test::write_text;

namespace {

using words = std::vector<std::string>;
using file_texts = std::map<std::string, std::string>;

/// app=PEER to app=cart, both in shop of this cluster; an empty one is not named.
std::string flow_in(const std::string& cluster, const std::string& peer, unsigned port) {
    const std::string name = cluster.empty() ? "" : R"("cluster_name":")" + cluster + R"(",)";
    const std::string in_shop = "k8s:io.kubernetes.pod.namespace=shop";
    return line_of({.port = port,
                    .source = pod_end("shop", {"k8s:app=" + peer, in_shop}, name),
                    .destination = pod_end("shop", {"k8s:app=cart", in_shop}, name)});
}

const std::string capture = flow_in("eu", "web", 80) + flow_in("us", "web", 81) + flow_in("eu", "api", 82) +
                            flow_in("us", "web", 81) + flow_in("", "web", 83);

file_texts below(const file_texts& all, const std::string& folder) {
    file_texts out;
    for (const auto& [path, text] : all)
        if (path.starts_with(folder + "/")) out[path.substr(folder.size() + 1)] = text;
    return out;
}

file_texts replayed(const words& flags, const std::string& text) {
    const workplace at;
    words all = {"replay", "-"};
    all.insert(all.end(), flags.begin(), flags.end());
    const run_result ran = at.run(all, text);
    BOOST_TEST_REQUIRE(ran.exit_code == 0, ran.err);
    return at.files();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(clusters_suite)

BOOST_AUTO_TEST_CASE(each_cluster_has_the_folder_that_a_run_of_its_own_would_write) {
    const file_texts all = replayed({"--by-cluster"}, capture);
    BOOST_TEST(all.size() == 3u);
    for (const std::string cluster : {"eu", "us"})
        BOOST_TEST((below(all, cluster) == replayed({"--cluster", cluster}, capture)));
    // A cluster without a name is called what Cilium calls it.
    BOOST_TEST((below(all, "default") == replayed({}, flow_in("", "web", 83))));
}

// But for the session's line, which has its time.
BOOST_AUTO_TEST_CASE(the_evidence_of_each_cluster_is_that_of_a_run_of_its_own) {
    const workplace all;
    const workplace own;
    all.run({"replay", "-", "--by-cluster"}, capture);
    own.run({"replay", "-", "--cluster", "eu", "-o", "policies/eu"}, capture);
    const auto told = [](const workplace& at) {
        const run_result ran = at.run({"explain", "shop/cart", "-o", "policies/eu"});
        BOOST_TEST(ran.exit_code == 0, ran.err);
        return std::regex_replace(ran.out, std::regex("Latest session: .*"), "");
    };
    BOOST_TEST(told(all) == told(own));
}

// Each cluster holds files open: a capture must not take them all with names that somebody made up.
BOOST_AUTO_TEST_CASE(clusters_without_end_are_bounded_and_those_that_have_room_are_written) {
    std::string made_up;
    for (int i = 0; i < 600; ++i)
        made_up += flow_in("c" + std::to_string(i), "web", 80);
    const workplace at;
    const run_result ran = at.run({"replay", "-", "--by-cluster"}, made_up);
    BOOST_TEST(ran.exit_code == 3);
    std::smatch limit;
    BOOST_TEST_REQUIRE(
        std::regex_search(ran.err, limit, std::regex(R"(nothing of the others is written  \{"limit": (\d+)\})")));
    BOOST_TEST(at.files().size() == std::stoul(limit[1]));
    BOOST_TEST(at.files().size() <= 511u);
    BOOST_TEST(has(ran.err, "\"policies_failed\": " + std::to_string(600 - at.files().size())), ran.err);
}

BOOST_AUTO_TEST_CASE(without_it_clusters_share_a_policy) {
    BOOST_TEST(replayed({}, capture).size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_was_there_before_is_added_to_and_a_second_run_changes_nothing) {
    const workplace at;
    at.run({"replay", "-", "--by-cluster"}, flow_in("eu", "web", 80));
    write_text(at / "policies/eu/shop/cart.yaml", "# mine\n" + test::read_text(at / "policies/eu/shop/cart.yaml"));
    at.run({"replay", "-", "--by-cluster"}, capture);
    const file_texts once = at.files();
    BOOST_TEST(once.at("eu/shop/cart.yaml").starts_with("# mine\n"));
    BOOST_TEST(has(once.at("eu/shop/cart.yaml"), "\"82\""));
    at.run({"replay", "-", "--by-cluster"}, capture);
    BOOST_TEST((at.files() == once));
}

BOOST_AUTO_TEST_CASE(explain_reads_the_evidence_of_one_cluster) {
    const workplace at;
    const run_result ran = at.run({"replay", "-", "--by-cluster"}, capture);
    BOOST_TEST(has(ran.err, "flows_seen"), ran.err);
    const run_result eu = at.run({"explain", "shop/cart", "-o", "policies/eu"});
    BOOST_TEST(eu.exit_code == 0, eu.err);
    BOOST_TEST(has(eu.out, "82"), eu.out);
    BOOST_TEST(!has(eu.out, "81"), eu.out);
    const run_result us = at.run({"explain", "policies/us/shop/cart.yaml"});
    BOOST_TEST(us.exit_code == 0, us.err);
    BOOST_TEST(has(us.out, "81"), us.out);
}

BOOST_AUTO_TEST_CASE(a_dry_run_shows_each_folder) {
    const workplace at;
    const run_result ran = at.run({"replay", "-", "--by-cluster", "--dry-run"}, capture);
    BOOST_TEST(ran.exit_code == 0, ran.err);
    for (const char* path :
         {"policies/default/shop/cart.yaml", "policies/eu/shop/cart.yaml", "policies/us/shop/cart.yaml"})
        BOOST_TEST(has(ran.out, path), ran.out);
    BOOST_TEST(!fs::exists(at / "policies"));
}

BOOST_AUTO_TEST_CASE(files_of_each_cluster_are_asked_about_its_own_flows) {
    const workplace at;
    const run_result good = at.run({"replay", "-", "--by-cluster", "--verify"}, capture);
    BOOST_TEST(good.exit_code == 0);
    for (const char* folder : {"policies/default", "policies/eu", "policies/us"})
        BOOST_TEST(has(good.err, std::string("denied connections are allowed by the files in ") + folder), good.err);
    // A deny rule of one cluster says nothing of the other.
    write_text(at / "policies/eu/shop/deny.yaml",
               "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: deny, namespace: shop}\n"
               "spec: {endpointSelector: {}, ingressDeny: [{fromEntities: [all]}]}\n");
    const run_result bad = at.run({"replay", "-", "--by-cluster", "--verify"}, capture);
    BOOST_TEST(has(bad.err, "2 of 2 denied connections stay denied by the files in policies/eu"), bad.err);
    BOOST_TEST(has(bad.err, "denied connections are allowed by the files in policies/us"), bad.err);
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_had_costs_its_own_cluster_alone) {
    const workplace at;
    write_text(at / "policies/eu", "a file\n");
    const run_result ran = at.run({"replay", "-", "--by-cluster", "--evidence-dir", "evidence"}, capture);
    BOOST_TEST(ran.exit_code == 3);
    BOOST_TEST(has(ran.err, "nothing of this cluster is written"), ran.err);
    BOOST_TEST(has(ran.err, R"("cluster": "eu")"), ran.err);
    BOOST_TEST(fs::exists(at / "policies/us/shop/cart.yaml"));
    BOOST_TEST(test::read_text(at / "policies/eu") == "a file\n");
}

BOOST_AUTO_TEST_CASE(a_name_that_is_no_clusters_makes_no_folder) {
    const workplace at;
    const run_result ran = at.run({"replay", "-", "--by-cluster"}, flow_in("..\\/..\\/out", "web", 80) + capture);
    BOOST_TEST(ran.exit_code == 0, ran.err);
    BOOST_TEST(at.files().size() == 3u);
    BOOST_TEST(at.outside().empty());
    BOOST_TEST(has(ran.err, "invalid_name"), ran.err);
}

BOOST_AUTO_TEST_CASE(one_api_server_can_not_be_asked_for_all_clusters) {
    const workplace at;
    const run_result ran = at.run({"replay", "-", "--by-cluster", "--cluster-dedup"}, capture);
    BOOST_TEST(ran.exit_code == 2);
    BOOST_TEST(has(ran.err, "--by-cluster keeps clusters apart, and --cluster-dedup asks the API server of one"),
               ran.err);
}

BOOST_AUTO_TEST_CASE(parts_are_added_up_by_cluster) {
    const workplace at;
    write_text(at / "1.jsonl", flow_in("eu", "web", 80) + flow_in("us", "web", 81));
    write_text(at / "2.jsonl", flow_in("eu", "api", 82) + flow_in("us", "web", 81) + flow_in("", "web", 83));
    for (const std::string part : {"1", "2"})
        BOOST_TEST(at.run({"replay", "--by-cluster", "--partial", part + ".part", part + ".jsonl"}).exit_code == 0);
    const run_result ran = at.run({"combine", "1.part", "2.part"});
    BOOST_TEST(ran.exit_code == 0, ran.err);
    BOOST_TEST((at.files() == replayed({"--by-cluster"}, capture)));
    BOOST_TEST(at.run({"explain", "shop/cart", "-o", "policies/us"}).exit_code == 0);

    BOOST_TEST(at.run({"replay", "--partial", "3.part", "1.jsonl"}).exit_code == 0);
    const run_result mixed = at.run({"combine", "1.part", "3.part", "-o", "none"});
    BOOST_TEST(mixed.exit_code == 3);
    BOOST_TEST(has(mixed.err, "--by-cluster is true in 1.part and false in 3.part"), mixed.err);
    const run_result dedup = at.run({"combine", "1.part", "--cluster-dedup", "-o", "none"});
    BOOST_TEST(dedup.exit_code == 3);
    BOOST_TEST(has(dedup.err, "which --cluster-dedup excludes"), dedup.err);
}

BOOST_AUTO_TEST_CASE(a_part_whose_lines_are_not_what_its_header_says_is_refused) {
    const workplace at;
    at.run({"replay", "--by-cluster", "--partial", "good.part", "-"}, capture);
    const std::string good = test::read_text(at / "good.part");
    const auto refused = [&](const std::string& pattern, const std::string& by) {
        write_text(at / "bad.part", std::regex_replace(good, std::regex(pattern), by));
        const run_result ran = at.run({"combine", "bad.part", "-o", "none"});
        BOOST_TEST(ran.exit_code == 3, ran.err);
        BOOST_TEST(!fs::exists(at / "none"));
        return ran.err;
    };
    BOOST_TEST(has(refused(R"("of_cluster":"eu",)", ""), "apart by cluster"));
    BOOST_TEST(has(refused(R"("by-cluster":true)", R"("by-cluster":false)"), "apart by cluster"));
    BOOST_TEST(has(refused(R"("of_cluster":"eu")", R"("of_cluster":"../out")"), "the cluster is no name of one"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
