// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// What a user of --l7 sees.

#include <boost/test/unit_test.hpp>

#include "e2e/workplace.hpp"
#include "support/policy_invariants.hpp"

namespace cpg {

using test::app_end;
using test::has;
using test::line_of;
using test::pod_end;
using test::reserved_end;
using test::run_result;
using test::workplace;

namespace {

// A capture that the documentation shows.
std::string example(const std::string& name = "l7.jsonl") {
    return (test::data_path("").parent_path().parent_path().parent_path() / "docs/examples" / name).string();
}

std::string request(const std::string& url, const std::string& method = "GET", const std::string& verdict = "DROPPED") {
    return line_of({.verdict = verdict,
                    .reason = "",
                    .port = 8080,
                    .destination = app_end("shop", "api"),
                    .type = "L7",
                    .event = R"({"type":129})",
                    .more = R"("l7":{"type":"REQUEST","http":{"method":")" + method + R"(","url":")" + url +
                            R"(","headers":[{"key":"Authorization","value":"Bearer pl4nted-header"}]}},)" +
                            R"("is_reply":false,)"});
}

std::string connection(const std::string& ip, const std::string& names) {
    return line_of({.destination_ip = ip,
                    .port = 443,
                    .source = app_end("shop", "api"),
                    .destination = reserved_end("world"),
                    .ingress = false,
                    .more = R"("destination_names":[)" + names + "],"});
}

std::string dns(const std::string& server, unsigned port, const std::string& name, const std::string& ips = "") {
    const std::string api = app_end("shop", "api");
    return line_of(ips.empty() ? test::dns_query(api, server, port, name)
                               : test::dns_answer(api, server, port, name, ips));
}

const std::string openshift = pod_end("openshift-dns", {"k8s:dns.operator.openshift.io/daemonset-dns=default"});

}  // namespace

BOOST_AUTO_TEST_SUITE(l7_suite)

BOOST_AUTO_TEST_CASE(the_example_gives_the_http_rule_the_names_and_the_companion) {
    const workplace at;
    BOOST_TEST(at.run({"replay", example(), "--l7"}).exit_code == 0);
    BOOST_TEST(test::joined(test::tree_faults(at / "policies")) == "");
    const std::string text = at.files().at("production/api-server.yaml");
    BOOST_TEST(has(text, "path: '^/api/v1/users(\\?.*)?$'"));
    BOOST_TEST(has(text, "k8s-app: kube-dns"));
    BOOST_TEST(has(text,
                   "- toFQDNs:\n        - matchName: api.example.com\n      toPorts:\n        - ports:\n"
                   "            - port: \"443\""));
    BOOST_TEST(!has(text, "toCIDR"));
    BOOST_TEST(has(at.run({"replay", example(), "--l7"}).err, "\"policies_written\": 0"));
}

BOOST_AUTO_TEST_CASE(secrets_of_a_request_reach_no_file_no_log_and_no_diff) {
    const workplace at;
    const std::string capture = request("http://pl4nted-user:pl4nted-password@pl4nted-host:8080/x?token=pl4nted-query");
    const run_result ran = at.run({"replay", "-", "--l7", "--debug"}, capture);
    const run_result diff = at.run({"replay", "-", "--l7", "--dry-run", "-o", "other"}, capture);
    const run_result without = at.run({"replay", "-", "--debug", "-o", "third"}, capture);
    BOOST_TEST(at.files().size() == 1u);
    std::string all = ran.out + ran.err + diff.out + diff.err + without.out + without.err;
    for (const auto& [path, text] : at.files("."))
        all += text;
    for (const auto& [path, text] : at.files("../cache"))
        all += text;
    BOOST_TEST(has(all, "flow_count"));
    BOOST_TEST(!has(all, "pl4nted"));
}

BOOST_AUTO_TEST_CASE(without_the_flag_records_make_no_rule_and_are_mentioned_once) {
    const workplace at;
    const run_result ran = at.run({"replay", "-"}, request("http://a/x") + request("http://a/y"));
    BOOST_TEST(ran.exit_code == 0);
    BOOST_TEST(at.files().empty());
    BOOST_TEST(has(ran.err, "\"l7_without_flag\": 2"));
    const std::size_t first = ran.err.find("--l7 makes HTTP and DNS rules");
    BOOST_TEST(first != std::string::npos);
    BOOST_TEST(ran.err.find("--l7 makes HTTP and DNS rules", first + 1) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_flag_without_any_record_warns_with_the_workloads) {
    const workplace at;
    const run_result ran = at.run({"replay", "-", "--l7"}, test::flow_line("web", 80));
    BOOST_TEST(has(ran.err, "--l7 set but no L7 records observed"));
    BOOST_TEST(has(ran.err, "shop/cart"));
    BOOST_TEST(has(ran.err, "L7 prerequisites"));
    BOOST_TEST(!has(at.run({"replay", "-", "--l7"}, request("http://a/x")).err, "no L7 records observed"));
}

// The second of the two steps: under a visibility policy every request is FORWARDED.
BOOST_AUTO_TEST_CASE(requests_that_were_let_through_make_the_rules_of_a_cluster_with_another_dns_server) {
    const workplace at;
    const std::string capture = dns(openshift, 5353, "pay.example.net.shop.svc.cluster.local") +
                                dns(openshift, 5353, "pay.example.net") +
                                dns(openshift, 5353, "pay.example.net", R"("203.0.113.7")") +
                                connection("203.0.113.7", "") + request("http://a/x", "GET", "FORWARDED");
    BOOST_TEST(at.run({"replay", "-", "--l7"}, capture).exit_code == 0);
    BOOST_TEST(test::joined(test::tree_faults(at / "policies")) == "");
    const std::string text = at.files().at("shop/api.yaml");
    BOOST_TEST(has(text, "^/x$"));
    BOOST_TEST(has(text,
                   "# TCP/5353, UDP/5353 (DNS pay.example.net, DNS below cluster.local) to "
                   "dns.operator.openshift.io/daemonset-dns=default in namespace openshift-dns\n"));
    BOOST_TEST(has(text, "matchPattern: \"*.*.*.*.*.cluster.local\""));
    BOOST_TEST(has(text, "# TCP/443 to pay.example.net\n"));
    BOOST_TEST(!has(text, "kube-dns"));
    BOOST_TEST(!has(text, "toCIDR"));
    BOOST_TEST(!has(text, "matchName: pay.example.net.shop"));
    BOOST_TEST(has(at.run({"replay", "-", "--l7"}, capture).err, "\"policies_written\": 0"));
    const run_result explained = at.run({"explain", "shop/api"});
    BOOST_TEST(has(explained.out, "DNS pay.example.net.shop.svc.cluster.local"));
    BOOST_TEST(!has(explained.out, "no longer"));
}

BOOST_AUTO_TEST_CASE(the_example_of_the_second_step_gives_what_the_documentation_says) {
    const workplace at;
    BOOST_TEST(at.run({"replay", example("visibility.jsonl"), "--l7", "--l7-collapse-paths"}).exit_code == 0);
    BOOST_TEST(test::joined(test::tree_faults(at / "policies")) == "");
    const std::string text = at.files().at("production/api-server.yaml");
    const std::string page = test::read_text(example("../l7.md"));
    std::size_t comments = 0;
    for (std::size_t begin = text.find("    # "); begin != std::string::npos; begin = text.find("    # ", begin + 1)) {
        ++comments;
        BOOST_TEST(has(page, text.substr(begin, text.find('\n', begin) - begin)));
    }
    BOOST_TEST(comments == 4u);
}

BOOST_AUTO_TEST_CASE(names_without_requests_are_a_flag_of_their_own) {
    const workplace at;
    const std::string capture = connection("203.0.113.7", R"("pay.example.net")") + request("http://a/x");
    BOOST_TEST(at.run({"replay", "-", "--fqdn"}, capture).exit_code == 0);
    const std::string text = at.files().at("shop/api.yaml");
    BOOST_TEST(has(text, "# TCP/443 to pay.example.net\n"));
    BOOST_TEST(has(text, "k8s-app: kube-dns"));
    BOOST_TEST(!has(text, "http"));
    BOOST_TEST(test::joined(test::tree_faults(at / "policies")) == "");
}

BOOST_AUTO_TEST_CASE(names_that_are_known_and_not_used_are_mentioned) {
    const workplace at;
    const std::string capture = connection("203.0.113.7", R"("pay.example.net")");
    const run_result ran = at.run({"replay", "-"}, capture);
    BOOST_TEST(has(ran.err, "--fqdn writes the names"));
    BOOST_TEST(has(at.files().at("shop/api.yaml"), "203.0.113.7/32"));
    // The name takes the place of the address in cpg's own file.
    const run_result named = at.run({"replay", "-", "--fqdn"}, capture);
    BOOST_TEST(!has(named.err, "--fqdn writes the names"));
    BOOST_TEST(!has(at.files().at("shop/api.yaml"), "203.0.113.7"));
}

// Hubble shows no name where the agent has forgotten the answer; evidence knows it still.
BOOST_AUTO_TEST_CASE(an_address_that_was_named_in_an_earlier_run_needs_no_rule_of_its_own) {
    const workplace at;
    at.run({"replay", "-", "--fqdn"}, connection("203.0.113.7", R"("pay.example.net")"));
    const auto before = at.files();
    const std::string nameless = connection("203.0.113.7", "");
    BOOST_TEST(at.run({"replay", "-", "--fqdn", "--dry-run"}, nameless).out == "");
    BOOST_TEST(has(at.run({"replay", "-", "--fqdn"}, nameless).err, "\"policies_written\": 0"));
    BOOST_TEST((at.files() == before));
    const run_result explained = at.run({"explain", "shop/api"});
    BOOST_TEST(has(explained.out, "Addresses:   203.0.113.7\n"), explained.out);
    BOOST_TEST(has(explained.out, "Flow count:  2\n"), explained.out);
    BOOST_TEST(!has(explained.out, "(cidr)"), explained.out);
    // Another address, and who asks for no names, get their CIDR.
    at.run({"replay", "-", "--fqdn"}, connection("203.0.113.8", ""));
    BOOST_TEST(has(at.files().at("shop/api.yaml"), "203.0.113.8/32"));
    at.run({"replay", "-"}, nameless);
    BOOST_TEST(has(at.files().at("shop/api.yaml"), "203.0.113.7/32"));
}

BOOST_AUTO_TEST_CASE(evidence_that_is_damaged_tells_no_names) {
    const workplace at;
    at.run({"replay", "-", "--fqdn", "--evidence-dir", "evidence"}, connection("203.0.113.7", R"("pay.example.net")"));
    for (const auto& each : std::filesystem::recursive_directory_iterator(at / "evidence"))
        if (each.path().extension() == ".json" && each.path().stem() == "api") test::write_text(each.path(), "{");
    const run_result ran =
        at.run({"replay", "-", "--fqdn", "--evidence-dir", "evidence"}, connection("203.0.113.7", ""));
    BOOST_TEST(ran.exit_code == 3);
    BOOST_TEST(has(at.files().at("shop/api.yaml"), "203.0.113.7/32"));
}

BOOST_AUTO_TEST_CASE(an_address_with_many_names_is_written_as_one_with_a_warning) {
    const workplace at;
    std::string names = R"("n0.example")";
    for (int i = 1; i < 40; ++i)
        names += R"(,"n)" + std::to_string(i) + R"(.example")";
    const run_result ran = at.run({"replay", "-", "--fqdn"}, connection("203.0.113.7", names));
    BOOST_TEST(has(ran.err, "addresses with more names than a rule should have"));
    BOOST_TEST(has(at.files().at("shop/api.yaml"), "203.0.113.7/32"));
    const run_result asked = at.run({"replay", "-", "--l7", "-o", "asked"},
                                    connection("203.0.113.7", names) + dns(openshift, 5353, "n7.example"));
    BOOST_TEST(!has(asked.err, "more names"));
    BOOST_TEST(has(at.files("asked").at("shop/api.yaml"), "# TCP/443 to n7.example\n"));
}

BOOST_AUTO_TEST_CASE(paths_that_differ_in_a_number_are_collapsed_on_request_run_by_run) {
    const workplace at;
    const std::string first = request("http://a/users/1") + request("http://a/users/2");
    const std::string second = request("http://a/users/3?x=1") + request("http://a/health");
    BOOST_TEST(at.run({"replay", "-", "--l7", "--l7-collapse-paths"}, first).exit_code == 0);
    BOOST_TEST(has(at.files().at("shop/api.yaml"), "^/users/1$"));
    at.run({"replay", "-", "--l7", "--l7-collapse-paths"}, second);
    const std::string text = at.files().at("shop/api.yaml");
    BOOST_TEST(has(text, R"(^/users/[0-9]+(\?.*)?$)"));
    BOOST_TEST(has(text, "^/health$"));
    BOOST_TEST(!has(text, "^/users/1$"));
    at.run({"replay", "-", "--l7", "--l7-collapse-paths", "-o", "whole"}, first + second);
    BOOST_TEST(at.files("whole").at("shop/api.yaml") == text);
    BOOST_TEST(has(at.run({"explain", "shop/api", "-o", "whole"}).out, "HTTP GET /users/[0-9]+"));
}

BOOST_AUTO_TEST_CASE(requests_that_came_too_seldom_make_no_rule) {
    const workplace at;
    const std::string capture = request("http://a/often") + request("http://a/often") + request("http://a/once");
    BOOST_TEST(at.run({"replay", "-", "--l7", "--l7-min-flows", "2", "--flush-interval", "1ms"}, capture).exit_code ==
               0);
    const std::string text = at.files().at("shop/api.yaml");
    BOOST_TEST(has(text, "^/often$"));
    BOOST_TEST(!has(text, "/once"));
    at.run({"replay", "-", "--l7", "--l7-min-flows", "3", "-o", "none"}, capture);
    BOOST_TEST(at.files("none").empty());
    BOOST_TEST(at.run({"replay", "-", "--l7-min-flows", "3"}, capture).exit_code == 2);
    BOOST_TEST(at.run({"replay", "-", "--l7-collapse-paths"}, capture).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(many_addresses_and_runs_of_ports_are_put_together_on_request) {
    const workplace at;
    std::string capture;
    for (int i = 1; i < 8; ++i)
        capture += connection("203.0.113." + std::to_string(i), "");
    for (int port = 8000; port < 8006; ++port)
        capture += test::flow_line("web", port);
    BOOST_TEST(at.run({"replay", "-", "--aggregate-cidr", "5", "--port-ranges"}, capture).exit_code == 0);
    BOOST_TEST(has(at.files().at("shop/api.yaml"), "# TCP/443 to 203.0.113.0/29 (7 of 8 addresses were seen)\n"));
    BOOST_TEST(has(at.files().at("shop/cart.yaml"), "port: \"8000\"\n              endPort: 8005\n"));
    BOOST_TEST(has(at.run({"replay", "-", "--aggregate-cidr", "5"}, capture).err, "\"policies_written\": 0"));
    BOOST_TEST(!has(at.run({"explain", "shop/api"}).out, "no longer"));
    at.run({"replay", "-", "-o", "plain"}, capture);
    BOOST_TEST(!has(at.files("plain").at("shop/api.yaml"), "/29"));
    BOOST_TEST(!has(at.files("plain").at("shop/cart.yaml"), "endPort"));
    for (const char* bad : {"0", "x", "5:24", "5:/33", "5:/24:/129", "5:/24:/64:/3", "5:/4", ""})
        BOOST_TEST(at.run({"replay", "-", "--aggregate-cidr", bad}, capture).exit_code == 2, bad);
    BOOST_TEST(at.run({"replay", "-", "--aggregate-private"}, capture).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(requests_that_no_rule_can_match_are_counted) {
    const workplace at;
    const run_result ran =
        at.run({"replay", "-", "--l7"}, request("*") + request("http://a/b c") + request("http://a/x", "G T"));
    BOOST_TEST(at.files().empty());
    BOOST_TEST(has(ran.err, "\"invalid_name\": 3"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
