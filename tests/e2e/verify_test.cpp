// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// cpg verify: what would happen to the flows of a capture under given policies.

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "e2e/workplace.hpp"

namespace cpg {

namespace {

using test::flow_line;
using test::has;
using test::read_text;
using test::run_result;
using test::workplace;

std::string example(const std::string& name) {
    const char* const folder = std::getenv("EXAMPLES");
    BOOST_REQUIRE(folder);
    return (std::filesystem::path(folder) / name).string();
}

void write(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
}

// The first rule with this comment, and all of its lines.
void remove_rule(const std::filesystem::path& path, const std::string& comment) {
    std::string text = read_text(path);
    const std::size_t start = text.find("    # " + comment);
    BOOST_REQUIRE(start != std::string::npos);
    std::size_t end = text.find("\n    # ", start + 1);
    for (const char* const next : {"\n  egress:", "\n  ingress:"})
        end = std::min(end, text.find(next, start));
    text.erase(start, end == std::string::npos ? end : end + 1 - start);
    write(path, text);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(verify)

std::string ingress_policy(const std::string& name, const std::string& from, const std::string& port) {
    return "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: " + name +
           ", namespace: zz}\nspec:\n  endpointSelector: {matchLabels: {app: " + name +
           "}}\n  ingress: [{fromEndpoints: [{matchLabels: {app: " + from + "}}], toPorts: [{ports: [{port: \"" + port +
           "\", protocol: TCP}]}]}]\n";
}

BOOST_AUTO_TEST_CASE(what_newly_opens_is_told_of_every_policy) {
    const workplace at;
    for (const char* const folder : {"base", "head"})
        write(at / folder / "z.yaml", ingress_policy("aaa", "xxx", "80"));
    write(at / "head/a.yaml", ingress_policy("bbb", "yyy", "81"));
    write(at / "head/k.yaml", ingress_policy("ccc", "yyy", "82"));
    const run_result ran =
        at.run({"verify", "head", "--base", "base", "--capture", example("l7.jsonl"), "--assume-default-deny", "zz"});
    BOOST_TEST(has(ran.out, "zz/yyy to zz/bbb TCP/81"), ran.out);
    BOOST_TEST(has(ran.out, "zz/yyy to zz/ccc TCP/82"), ran.out);
    write(at / "base/z.yaml", "a: [");
    const run_result broken = at.run({"verify", "head", "--base", "base", "--capture", example("l7.jsonl")});
    BOOST_TEST(broken.exit_code == 3, broken.err);
    BOOST_TEST(has(broken.err, "base/z.yaml"), broken.err);
}

BOOST_AUTO_TEST_CASE(a_refused_policy_without_values_is_nobodys_nearest) {
    const workplace at;
    write(at / "p/x.yaml",
          "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x, namespace: production}\nspec:\n"
          "  endpointSelector: {matchExpressions: [{key: io.cilium.k8s.policy.cluster, operator: In, values: []}]}\n"
          "  ingress: [{fromEntities: [all]}]\n  egress: [{toEntities: [all]}]\n");
    const run_result ran = at.run({"verify", "p", "--capture", example("l7.jsonl")});
    BOOST_TEST(ran.exit_code == 1, ran.err);
    BOOST_TEST(has(ran.out, "REFUSED"), ran.out);
}

// What was let through has not shown that anything denies it.
BOOST_AUTO_TEST_CASE(what_only_the_assumption_denies_says_so) {
    const workplace at;
    at.run({"replay", example("shop.jsonl")});
    const std::string said = "(taken to be in default deny, see --assume-default-deny)";
    const run_result assumed = at.run({"verify", "policies", "--capture", example("shop.jsonl")});
    BOOST_TEST(has(assumed.out, "production/redis\n  BREAKS "), assumed.out);
    BOOST_TEST(has(assumed.out, said), assumed.out);
    const run_result none =
        at.run({"verify", "policies", "--capture", example("shop.jsonl"), "--assume-default-deny", "none"});
    BOOST_TEST(!has(none.out, "production/redis\n"), none.out);
    BOOST_TEST(!has(none.out, said), none.out);
}

BOOST_AUTO_TEST_CASE(what_replay_writes_leaves_nothing_denied) {
    for (const char* const name : {"audit.jsonl", "l7.jsonl", "visibility.jsonl"}) {
        const workplace at;
        const std::string capture = example(name);
        BOOST_TEST(at.run({"replay", capture, "--l7", "--include-audit"}).exit_code == 0);
        const run_result ran = at.run({"verify", "policies", "--capture", capture});
        BOOST_TEST(ran.exit_code == 0, ran.out);
        BOOST_TEST(!has(ran.out, "stay denied"), ran.out);
    }
}

BOOST_AUTO_TEST_CASE(a_change_that_removes_a_rule_is_caught) {
    const workplace at;
    const std::string flows = flow_line("web", 8080) + flow_line("api", 5432);
    BOOST_TEST(at.run({"replay", "-"}, flows).exit_code == 0);
    write(at / "capture.jsonl", flows);
    const run_result before = at.run({"verify", "policies", "--capture", "capture.jsonl"});
    BOOST_TEST(before.exit_code == 0, before.out);
    BOOST_TEST(has(before.out, "2  denied today, would be allowed"), before.out);

    std::filesystem::copy(at / "policies", at / "main", std::filesystem::copy_options::recursive);
    remove_rule(at / "policies/shop/cart.yaml", "TCP/5432 from app=api");
    const run_result after =
        at.run({"verify", "policies", "--base", "main", "--capture", "capture.jsonl", "--output", "github"});
    BOOST_TEST(after.exit_code == 1, after.err);
    BOOST_TEST(has(after.out, "::error file=policies/shop/cart.yaml,line="), after.out);
    BOOST_TEST(has(after.out, "shop/api to shop/cart TCP/5432"), after.out);
    const run_result shown = at.run({"verify", "policies", "--base", "main", "--capture", "capture.jsonl"});
    BOOST_TEST(has(shown.out, "newly closes:\n  shop/api to shop/cart TCP/5432  1 flow"), shown.out);
}

// As docs/verify.md has it.
BOOST_AUTO_TEST_CASE(the_example_s_pull_request_is_caught) {
    const workplace at;
    const std::string capture = example("l7.jsonl");
    BOOST_TEST(at.run({"replay", capture, "--l7"}).exit_code == 0);
    std::filesystem::copy(at / "policies", at / "main", std::filesystem::copy_options::recursive);
    remove_rule(at / "policies/production/api-server.yaml", "TCP/443 to api.example.com");
    const std::vector<std::string> check = {"verify",    "policies", "--base",   "main",
                                            "--capture", capture,    "--output", "github"};
    const run_result ran = at.run(check);
    BOOST_TEST(ran.exit_code == 1, ran.err);
    BOOST_TEST(ran.out ==
               "::error file=policies/production/api-server.yaml,line=50,title=stays denied::production/api-server to "
               "203.0.113.80 TCP/443 (2 flows): the nearest rule of cpg-api-server is for TCP/53, UDP/53\n");
    std::filesystem::remove_all(at / "policies");
    std::filesystem::copy(at / "main", at / "policies", std::filesystem::copy_options::recursive);
    BOOST_TEST(at.run(check).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(a_policy_that_cilium_refuses_is_told_with_its_line) {
    const workplace at;
    write(at / "p.yaml",
          "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec:\n"
          "  endpointSelector: {}\n  ingress:\n    - fromEndpoints: [{}]\n"
          "      toPorts:\n        - ports:\n            - port: 8080\n");
    write(at / "capture.jsonl", flow_line("web", 8080));
    const run_result ran = at.run({"verify", "p.yaml", "--capture", "capture.jsonl"});
    BOOST_TEST(ran.exit_code == 1);
    BOOST_TEST(has(ran.out, "REFUSED  p.yaml:10  CiliumNetworkPolicy p: port must be a string (in quotes)"), ran.out);
}

BOOST_AUTO_TEST_CASE(exit_codes) {
    const workplace at;
    write(at / "capture.jsonl", flow_line("web", 8080));
    write(at / "broken.yaml", "a: [");
    at.run({"replay", "capture.jsonl"});
    BOOST_TEST(at.run({"verify", "--capture", "capture.jsonl"}).exit_code == 2);
    BOOST_TEST(at.run({"verify", "p"}).exit_code == 2);
    BOOST_TEST(at.run({"verify", "absent", "--capture", "capture.jsonl"}).exit_code == 3);
    BOOST_TEST(at.run({"verify", "broken.yaml", "--capture", "capture.jsonl"}).exit_code == 3);
    BOOST_TEST(at.run({"verify", "policies", "--capture", "absent.jsonl"}).exit_code == 3);
    BOOST_TEST(at.run({"verify", "p", "--capture", "c", "--output", "xml"}).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(lint_tells_what_nothing_uses_and_what_is_said_twice) {
    const workplace at;
    write(at / "p.yaml",
          "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec:\n"
          "  endpointSelector: {}\n  ingress:\n"
          "    - {fromEndpoints: [{}], toPorts: [{ports: [{port: \"1\", endPort: 9000, protocol: TCP}]}]}\n"
          "    - {fromEndpoints: [{matchLabels: {app: web}}], toPorts: [{ports: [{port: \"8080\", protocol: TCP}]}]}\n"
          "    - {fromCIDR: [203.0.113.0/24], toPorts: [{ports: [{port: \"8080\", protocol: TCP}]}]}\n");
    write(at / "capture.jsonl", flow_line("web", 8080));
    const run_result ran = at.run({"verify", "p.yaml", "--capture", "capture.jsonl", "--lint"});
    BOOST_TEST(ran.exit_code == 0, ran.out);
    BOOST_TEST(has(ran.out, "wide       p.yaml:7  p: opens every pod on TCP/1-9000; seen: TCP/8080"), ran.out);
    BOOST_TEST(has(ran.out, "covered    p.yaml:8  p: is covered by p.yaml:7"), ran.out);
    BOOST_TEST(has(ran.out, "unused     p.yaml:9"), ran.out);
}

BOOST_AUTO_TEST_CASE(what_earlier_runs_have_evidence_of_is_used) {
    const workplace at;
    at.run({"replay", "-"}, flow_line("web", 8080) + flow_line("api", 5432));
    write(at / "today.jsonl", flow_line("web", 8080));
    const std::vector<std::string> words = {"verify", "policies", "--capture", "today.jsonl", "--lint"};
    BOOST_TEST(!has(at.run(words).out, "unused"));
    std::vector<std::string> elsewhere = words;
    elsewhere.insert(elsewhere.end(), {"--evidence-dir", "none"});
    BOOST_TEST(has(at.run(elsewhere).out, "unused     policies/shop/cart.yaml"));
    BOOST_TEST(at.run({"verify", "policies", "--capture", "today.jsonl", "--evidence-dir", "none"}).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(the_json_has_the_host_of_a_request_and_the_policies_that_are_doubtful) {
    const workplace at;
    write(at / "p.yaml",
          "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec:\n"
          "  endpointSelector: {}\n  ingress:\n    - fromNodes: [{}]\n");
    const run_result ran = at.run({"verify", "p.yaml", "--capture", example("visibility.jsonl"), "--output", "json"});
    BOOST_TEST(has(ran.out, "\"host\": \""), ran.out);
    BOOST_TEST(has(ran.out, "enable-node-selector-labels"), ran.out);
}

BOOST_AUTO_TEST_CASE(a_session_tells_at_its_end_whether_its_files_allow_what_was_denied) {
    const workplace at;
    const run_result ran = at.run({"replay", "-", "--verify"}, flow_line("web", 8080) + flow_line("api", 5432));
    BOOST_TEST(ran.exit_code == 0);
    BOOST_TEST(has(ran.err, "all 2 denied connections are allowed by the files in policies"), ran.err);
    BOOST_TEST(at.run({"replay", "-", "--verify", "--dry-run"}, flow_line("web", 8080)).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(a_dry_run_says_above_each_diff_what_is_newly_allowed) {
    const workplace at;
    BOOST_TEST(at.run({"replay", "-"}, flow_line("web", 8080)).exit_code == 0);
    const run_result ran = at.run({"replay", "-", "--dry-run"}, flow_line("web", 8080) + flow_line("api", 5432));
    BOOST_TEST(ran.out.starts_with("# newly allows: shop/api to shop/cart TCP/5432\n--- a/policies/shop/cart.yaml\n"),
               ran.out);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
